"""What a beat tracker hears before anything is decided."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from clipzy_server.media.samples import Samples


@dataclass(frozen=True, slots=True)
class HitOdds:
    """Log-odds that a beat is within 70 ms of a true one, where the activation's peak near it is 0, and their growth
    per unit.
    """

    at_zero: float
    slope: float


@dataclass(frozen=True, slots=True)
class Activation:
    """How much each 10 ms frame looks like a beat, `beats` [n] 0…1; like the first of a bar, `downbeats` [n] 0…1, where
    the tracker knows bars. `hit_odds` tell how often its beats are true; without them the activation itself does.
    """

    beats: Samples
    downbeats: Samples | None = None
    hit_odds: HitOdds | None = None

    def part(self, first: int, end: int) -> "Activation":
        """The frames from `first` up to `end`."""
        downbeats = None if self.downbeats is None else self.downbeats[first:end]
        return replace(self, beats=self.beats[first:end], downbeats=downbeats)

    def confidence(self, peaks: Samples) -> Samples:
        """How likely beats are true, 0…1, by the activation's peaks near them."""
        if self.hit_odds is None:
            return np.minimum(peaks, 1)
        return np.asarray(expit(self.hit_odds.at_zero + self.hit_odds.slope * peaks), np.float32)

"""Which beats begin bars, and what that says about the level of the beats: bars of four or three are what music has.

For m beats a bar from beat φ on, the evidence is the sum of the log-odds of the downbeat activation at every m-th beat.
A beat level at which the heard bars would have eight beats, or one and a half, is less likely by their priors.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clipzy_server.media.samples import Samples

_PRIORS = {4: 0.6, 3: 0.2, 2: 0.14, 6: 0.04, 8: 0.02}
_NEAR_FRAMES = 3
# What neighbouring bars say is much the same: none counts fully, no single one decides, and more than 20 s say no more.
_MOST_LOG_ODDS = 3.0
_TEMPER = 4.0
_SETTLED_FRAMES = 2000
# Bars are clear where their first beats are so many times as likely downbeats as the other beats.
_CLEAR = 2.0


@dataclass(frozen=True, slots=True)
class Bars:
    """The beats that begin bars, none where no metre is clear, and the log-probability of the level, unnormalised."""

    downbeats: npt.NDArray[np.float64]
    evidence: float


def find_bars(beats: npt.NDArray[np.float64], downbeats: Samples) -> Bars:
    """The likeliest metre of `beats` (frames) under an activation [n] 0…1."""
    reach = np.arange(-_NEAR_FRAMES, _NEAR_FRAMES + 1)
    places = np.clip(np.round(beats).astype(int)[:, None] + reach, 0, len(downbeats) - 1)
    heard = np.clip(downbeats[places].max(axis=1).astype(np.float64), 1e-3, 1 - 1e-3)
    odds = np.clip(np.log(heard / (1 - heard)), -_MOST_LOG_ODDS, _MOST_LOG_ODDS)
    weight = min(1.0, _SETTLED_FRAMES / len(downbeats)) / _TEMPER
    found = []
    for count, prior in _PRIORS.items():
        sums = [float(odds[first::count].sum()) for first in range(min(count, len(odds)))]
        first = int(np.argmax(sums))
        found.append((np.log(prior) + weight * sums[first], count, first))
    evidence = float(np.logaddexp.reduce([score for score, _, _ in found]))
    _, count, first = max(found)
    on = heard[first::count]
    rest = (heard.sum() - on.sum()) / max(1, len(heard) - len(on))
    return Bars(beats[first::count] if on.mean() >= _CLEAR * rest else np.zeros(0), evidence)

"""What a beat tracker hears before anything is decided."""

from dataclasses import dataclass

from clipzy_server.media.samples import Samples


@dataclass(frozen=True, slots=True)
class Activation:
    """How much each 10 ms frame looks like a beat, `beats` [n] 0…1; like the first of a bar, `downbeats` [n] 0…1, where
    the tracker knows bars.
    """

    beats: Samples
    downbeats: Samples | None = None

    def part(self, first: int, end: int) -> "Activation":
        """The frames from `first` up to `end`."""
        downbeats = None if self.downbeats is None else self.downbeats[first:end]
        return Activation(self.beats[first:end], downbeats)

"""Stretches of time in which something is heard."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start_s` up to `end_s`."""

    start_s: float
    end_s: float

    def holds(self, time_s: float) -> bool:
        """Whether a moment lies inside."""
        return self.start_s <= time_s < self.end_s


def runs(flags: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and end index of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(first), int(end)) for first, end in zip(edges[::2], edges[1::2], strict=True)]

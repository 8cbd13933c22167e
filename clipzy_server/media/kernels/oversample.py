"""The loops of oversampling by a polyphase filter, of which only the highest levels are kept."""

import numpy as np
import numpy.typing as npt
from numba import njit, types

Matrix = npt.NDArray[np.float32]
Row = npt.NDArray[np.float32]

_MATRIX = types.float32[:, ::1]
# So many samples and what is summed for them stay in the nearest cache.
_STEP = 1024
# The fewer, the more of them are too quiet to hold the peak.
_SHORT_STEP = 256


@njit(types.void(types.float32[::1], types.float32[::1], types.float32[::1]), cache=True, nogil=True)
def _filtered(heard: Row, taps: Row, out: Row) -> None:
    """out[n] = Σ taps[k] · heard[n + k]; a tap of 0 costs nothing."""
    out[:] = 0
    for tap in range(len(taps)):
        weight = taps[tap]
        if weight != 0:
            later = heard[tap : tap + len(out)]
            for n in range(len(out)):
                out[n] += weight * later[n]


@njit(types.float32[::1](_MATRIX, _MATRIX), cache=True, nogil=True)
def highest(padded: Matrix, phases: Matrix) -> Row:
    """Highest magnitude [n] of all channels and phases at each sample.

    `padded` [channels, n + taps − 1]; `phases` [phases, taps], the newest sample's tap last.
    """
    more = phases.shape[1] - 1
    count = padded.shape[1] - more
    levels = np.zeros(count, np.float32)
    sums = np.empty(_STEP, np.float32)
    for first in range(0, count, _STEP):
        size = min(_STEP, count - first)
        level = levels[first : first + size]
        for channel in range(len(padded)):
            for phase in range(len(phases)):
                _filtered(padded[channel, first : first + size + more], phases[phase], sums[:size])
                for n in range(size):
                    magnitude = abs(sums[n])
                    level[n] = max(level[n], magnitude)
    return levels


@njit(types.float32(_MATRIX, _MATRIX, types.float32), cache=True, nogil=True)
def highest_above(padded: Matrix, phases: Matrix, level: float) -> float:
    """The highest of all that `highest` gives, or `level` where that is higher.

    What is too quiet to reach the level is not filtered: no sum is larger than the taps' magnitudes times the peak.
    """
    more = phases.shape[1] - 1
    most = np.float32(0)
    for phase in range(len(phases)):
        most = max(most, np.float32(1.0001) * np.abs(phases[phase]).sum())
    sums = np.empty(_SHORT_STEP, np.float32)
    for channel in range(len(padded)):
        for first in range(0, padded.shape[1] - more, _SHORT_STEP):
            size = min(_SHORT_STEP, padded.shape[1] - more - first)
            heard = padded[channel, first : first + size + more]
            if most * np.abs(heard).max() <= level:
                continue
            for phase in range(len(phases)):
                _filtered(heard, phases[phase], sums[:size])
                level = max(level, np.abs(sums[:size]).max())
    return level

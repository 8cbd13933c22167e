"""The loop of oversampling by a polyphase filter, of which only the highest level at each sample is kept."""

import numpy as np
import numpy.typing as npt
from numba import njit, types

Matrix = npt.NDArray[np.float32]

_MATRIX = types.float32[:, ::1]
# So many samples and what is summed for them stay in the nearest cache.
_STEP = 1024


@njit(types.float32[::1](_MATRIX, _MATRIX), cache=True, nogil=True)
def highest(padded: Matrix, phases: Matrix) -> npt.NDArray[np.float32]:
    """Highest magnitude [n] of all channels and phases at each sample.

    `padded` [channels, n + taps − 1]; `phases` [phases, taps], the newest sample's tap last; a tap of 0 costs nothing.
    """
    taps = phases.shape[1]
    count = padded.shape[1] - taps + 1
    levels = np.zeros(count, np.float32)
    sums = np.zeros(_STEP, np.float32)
    for first in range(0, count, _STEP):
        size = min(_STEP, count - first)
        level = levels[first : first + size]
        for channel in range(len(padded)):
            for phase in range(len(phases)):
                sums[:] = 0
                for tap in range(taps):
                    weight = phases[phase, tap]
                    if weight != 0:
                        heard = padded[channel, first + tap : first + tap + size]
                        for n in range(size):
                            sums[n] += weight * heard[n]
                for n in range(size):
                    magnitude = abs(sums[n])
                    level[n] = max(level[n], magnitude)
    return levels

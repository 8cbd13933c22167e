"""The loop that fits an eased progress curve."""

import numpy as np
from numba import njit

# A frame that is off by more than this (of 1) is broken: it counts no more than so.
OUTLIER = 0.25


@njit("float64(int64, float64)", cache=True, nogil=True)
def ease(curve, t):  # type: ignore[no-untyped-def]
    """Progress 0…1 at elapsed share t: 0 linear, 1 ease-in, 2 ease-out, 3 ease-in-out; clamped outside 0…1."""
    t = min(max(t, 0.0), 1.0)
    if curve == 0:
        return t
    if curve == 1:
        return t * t * t
    if curve == 2:
        return 1 - (1 - t) ** 3
    return 4 * t * t * t if t < 0.5 else 1 - 4 * (1 - t) ** 3


@njit("Tuple((int64, int64, int64, float64))(float64[::1], float64[::1])", cache=True, nogil=True)
def fit_progress(times, progress):  # type: ignore[no-untyped-def]
    """(first, last, curve, rms error) over all first < last and curves; of equal fits the shorter, simpler one."""
    n = len(times)
    best = (0, n - 1, 0, 1e9)
    for first in range(n - 1):
        for last in range(first + 1, n):
            for curve in range(4 if last - first > 2 else 1):
                cost = 0.0
                for k in range(n):
                    if cost >= best[3]:
                        break
                    gap = progress[k] - ease(curve, (times[k] - times[first]) / (times[last] - times[first]))
                    cost += min(gap * gap, OUTLIER * OUTLIER)
                if cost < best[3] * 0.999:
                    best = (first, last, curve, cost)
    return best[0], best[1], best[2], np.sqrt(best[3] / n)

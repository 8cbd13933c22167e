"""The loop that fits an eased progress curve to what every frame costs at every progress."""

import numpy as np
from numba import njit

# Fewer frames than this between the ends do not tell one easing from another.
LEAST_EASED_SPAN = 4
# The powers of time that come nearest to `ease-in` and `ease-out`, and to `ease-in-out`, of CSS Easing Functions 1.
CUBIC, GENTLE, GENTLE_SYMMETRIC = 3.0, 1.7, 1.95
FIRST_GENTLE, CURVES = 4, 7
# What a gentle curve must do better than a cubic, nats a frame.
GENTLE_HANDICAP = 0.02


@njit("float64(int64, float64)", cache=True, nogil=True)
def ease(curve, t):  # type: ignore[no-untyped-def]
    """Progress 0…1 at elapsed share t, clamped outside 0…1.

    Curves: 0 linear; 1 ease-in, 2 ease-out, 3 ease-in-out as cubics; 4, 5, 6 the same as gentle as CSS draws them.
    """
    t = min(max(t, 0.0), 1.0)
    if curve == 0:
        return t
    shape = (curve - 1) % 3
    power = CUBIC if curve < FIRST_GENTLE else (GENTLE_SYMMETRIC if shape == 2 else GENTLE)
    if shape == 0:
        return t**power
    if shape == 1:
        return 1 - (1 - t) ** power
    return 0.5 * (2 * t) ** power if t < 0.5 else 1 - 0.5 * (2 - 2 * t) ** power


@njit
def _cost(costs, frame, progress):  # type: ignore[no-untyped-def]
    """The cost of a frame between two steps of its progress."""
    at = progress * (costs.shape[1] - 1)
    low = min(int(at), costs.shape[1] - 2)
    return costs[frame, low] + (at - low) * (costs[frame, low + 1] - costs[frame, low])


@njit("Tuple((int64, int64, int64, float64))(float64[::1], float64[:, ::1], float64)", cache=True, nogil=True)
def fit_progress(times, costs, most):  # type: ignore[no-untyped-def]
    """(first, last, curve, sum of costs) of the cheapest of all first < last and curves that costs less than `most`.

    costs: float64[n, g], each frame's cost at g ≥ 2 evenly spaced progresses 0…1. Frames up to `first` have progress 0,
    frames from `last` on 1. (−1, −1, 0, most) where nothing is that cheap.
    """
    n = len(times)
    before, least, after = np.zeros(n + 1), np.zeros(n + 1), np.zeros(n + 1)
    for k in range(n):
        before[k + 1] = before[k] + costs[k, 0]
        least[k + 1] = least[k] + costs[k].min()
        after[n - 1 - k] = after[n - k] + costs[n - 1 - k, -1]
    best = (-1, -1, 0, most)
    for first in range(n - 1):
        for last in range(first + 1, n):
            outside = before[first + 1] + after[last]
            if outside + least[last] - least[first + 1] >= best[3]:
                continue
            for curve in range(CURVES if last - first >= LEAST_EASED_SPAN else 1):
                cost = outside + (GENTLE_HANDICAP * (last - first) if curve >= FIRST_GENTLE else 0.0)
                for k in range(first + 1, last):
                    if cost + least[last] - least[k] >= best[3]:
                        break
                    cost += _cost(costs, k, ease(curve, (times[k] - times[first]) / (times[last] - times[first])))
                else:
                    if cost < best[3]:
                        best = (first, last, curve, cost)
    return best


@njit("float64[::1](float64[::1], float64[:, ::1], int64, int64, int64)", cache=True, nogil=True)
def frame_costs(times, costs, first, last, curve):  # type: ignore[no-untyped-def]
    """float64[n]: the cost of each frame under one curve."""
    out = np.empty(len(times))
    for k in range(len(times)):
        t = 0.0 if k <= first else (1.0 if k >= last else (times[k] - times[first]) / (times[last] - times[first]))
        out[k] = _cost(costs, k, ease(curve, t))
    return out

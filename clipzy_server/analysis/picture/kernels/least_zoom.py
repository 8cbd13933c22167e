"""The loop that tells how well two pictures, each at its own sizes, explain frames as their mixtures."""

import numpy as np
from numba import njit


@njit(
    "float64(float32[:, ::1], float32[:, ::1], float32[:, ::1], int64[::1], int64[::1])",
    cache=True,
    nogil=True,
)
def least_zoom(to_old, to_new, between, near, far):  # type: ignore[no-untyped-def]
    """Sum over frames F of the least |F − (A + s (B − A))|, of all pairs of pictures and shares s 0…1.

    The pairs are the old picture A at size near[k] and the new one B at size far[k]. to_old, to_new: float32[n, sizes],
    |F − A|² and |F − B|²; between: float32[sizes, sizes], |B − A|².
    """
    total = 0.0
    for n in range(len(to_old)):
        least = np.float32(np.inf)
        for k in range(len(near)):
            apart, length = to_old[n, near[k]], max(between[near[k], far[k]], np.float32(1e-6))
            # 2 (F − A) (B − A) = |F − A|² + |B − A|² − |F − B|²
            along = np.float32(0.5) * (apart + length - to_new[n, far[k]])
            share = min(max(along / length, np.float32(0)), np.float32(1))
            least = min(least, apart - share * (np.float32(2) * along - share * length))
        total += np.sqrt(max(least, np.float32(0)))
    return total

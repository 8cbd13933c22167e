"""The loop that tells how far pictures are from others. Differences first: of what is nearly alike, nothing is lost."""

import numpy as np
from numba import njit

# Sums may be taken in any order, which lets them be taken in lanes.
ANY_ORDER = {"reassoc", "nsz"}


@njit(
    "void(float32[:, ::1], float32[:, ::1], float32[:, ::1])",
    cache=True,
    nogil=True,
    fastmath=ANY_ORDER,
)
def squared_distances(some, others, out):  # type: ignore[no-untyped-def]
    """out[n, m] = the sum over all values of the squared difference of some[n] and others[m]."""
    for n in range(len(some)):
        one = some[n]
        for m in range(len(others)):
            other, total = others[m], np.float32(0)
            for k in range(len(one)):
                off = one[k] - other[k]
                total += off * off
            out[n, m] = total

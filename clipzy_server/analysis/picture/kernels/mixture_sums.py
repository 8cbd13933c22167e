"""The loop that adds up how frames differ from mixtures of two pictures."""

import numpy as np
from numba import njit

# Sums may be taken in any order, which lets them be taken in lanes.
ANY_ORDER = {"reassoc", "nsz"}


@njit(
    "void(float32[:, :, :, ::1], float32[:, :, :, ::1], float32[:, :, :, ::1], float32[:, :, ::1],"
    " float64[:, :, ::1], float64[:, :, ::1])",
    cache=True,
    nogil=True,
    fastmath=ANY_ORDER,
)
def mixture_sums(frames, olds, news, weights, of_columns, of_rows):  # type: ignore[no-untyped-def]
    """Sums of (F − A)², (F − A) (B − A) and (B − A)² over each column, float64[3, n, w], and row, float64[3, n, h].

    Of frames F float32[n, 3, h, w], weighed by `weights`. Old pictures A and new ones B may be one for all frames.
    """
    count, planes, height, width = frames.shape
    apart, along, length = np.empty((3, width), np.float32)
    for n in range(count):
        old, new = olds[min(n, len(olds) - 1)], news[min(n, len(news) - 1)]
        apart[:], along[:], length[:] = 0, 0, 0
        of_rows[:, n] = 0
        for plane in range(planes):
            for y in range(height):
                seen, one, other, told = frames[n, plane, y], old[plane, y], new[plane, y], weights[n, y]
                row_apart, row_along, row_length = np.float32(0), np.float32(0), np.float32(0)
                for x in range(width):
                    off, way = seen[x] - one[x], other[x] - one[x]
                    telling_off, telling_way = told[x] * off, told[x] * way
                    apart[x] += telling_off * off
                    along[x] += telling_off * way
                    length[x] += telling_way * way
                    row_apart += telling_off * off
                    row_along += telling_off * way
                    row_length += telling_way * way
                of_rows[0, n, y] += row_apart
                of_rows[1, n, y] += row_along
                of_rows[2, n, y] += row_length
        of_columns[0, n], of_columns[1, n], of_columns[2, n] = apart, along, length

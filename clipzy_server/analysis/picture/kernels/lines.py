"""Loops that look at the rows and columns of a picture."""

import numpy as np
from numba import njit


@njit("void(float32[:, ::1], float32[:, ::1], float32[:, ::1])", cache=True, nogil=True)
def measure_range(picture, rows, columns):  # type: ignore[no-untyped-def]
    """The lowest and highest of each row, float32[2, h], and of each column, float32[2, w].

    Of a picture without negative numbers, whose bits have the same order, and no NaN.
    """
    lowest, highest = columns[0].view(np.int32), columns[1].view(np.int32)
    lows, highs = rows[0].view(np.int32), rows[1].view(np.int32)
    lowest[:] = highest[:] = picture[0].view(np.int32)
    for y in range(picture.shape[0]):
        line = picture[y].view(np.int32)
        for x in range(len(line)):
            lowest[x], highest[x] = min(lowest[x], line[x]), max(highest[x], line[x])
        low, high = line[0], line[0]
        for x in range(len(line)):
            low, high = min(low, line[x]), max(high, line[x])
        lows[y], highs[y] = low, high


@njit("void(float32[:, ::1], float32, int32[::1], int32[::1])", cache=True, nogil=True)
def count_above(picture, level, rows, columns):  # type: ignore[no-untyped-def]
    """How many px of each row, int32[h], and of each column, int32[w], are higher than a level."""
    columns[:] = 0
    for y in range(picture.shape[0]):
        line, count = picture[y], np.int32(0)
        for x in range(len(line)):
            above = np.int32(line[x] > level)
            count += above
            columns[x] += above
        rows[y] = count

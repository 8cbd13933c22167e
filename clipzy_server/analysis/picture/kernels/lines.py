"""Loops that look at the rows and columns of a picture."""

import numpy as np
from numba import njit

# There is no NaN in a picture, and 0 has one sign: so the least of many can be found in lanes.
NUMBERS = {"nnan", "nsz"}


@njit("void(float32[:, ::1], float32[:, ::1], float32[:, ::1])", cache=True, nogil=True, fastmath=NUMBERS)
def measure_range(picture, rows, columns):  # type: ignore[no-untyped-def]
    """The lowest and highest of each row, float32[2, h], and of each column, float32[2, w]."""
    columns[0], columns[1] = picture[0], picture[0]
    lowest, highest = columns
    for y in range(picture.shape[0]):
        line = picture[y]
        low, high = line[0], line[0]
        for x in range(len(line)):
            low, high = min(low, line[x]), max(high, line[x])
            lowest[x], highest[x] = min(lowest[x], line[x]), max(highest[x], line[x])
        rows[0, y], rows[1, y] = low, high


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

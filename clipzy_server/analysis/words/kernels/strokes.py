"""Loops over the edges of pictures."""

import numpy as np
from numba import njit


@njit("void(float32[:, ::1], int16[:, :, ::1])", cache=True, nogil=True)
def edges(picture, out):  # type: ignore[no-untyped-def]
    """out[:, y, x] = differences across a pixel, along x and along y; 0 at the borders."""
    height, width = picture.shape
    out[:] = 0
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            out[0, y, x] = picture[y, x + 1] - picture[y, x - 1]
            out[1, y, x] = picture[y + 1, x] - picture[y - 1, x]


@njit("void(int16[:, :, ::1], int16[:, :, ::1], int32, uint8[:, ::1])", cache=True, nogil=True)
def same_edges(one, other, least, out):  # type: ignore[no-untyped-def]
    """out[y, x] = 1 where both have an edge of at least `least` and they differ by less than half of it, else 0."""
    _, height, width = one.shape
    for y in range(height):
        for x in range(width):
            a, b = np.int32(one[0, y, x]), np.int32(one[1, y, x])
            strength = a * a + b * b
            da, db = a - other[0, y, x], b - other[1, y, x]
            out[y, x] = strength >= least * least and 4 * (da * da + db * db) < strength


@njit("void(uint8[:, ::1], uint8[:, ::1], int32[:, ::1])", cache=True, nogil=True)
def count_new(steady, known, out):  # type: ignore[no-untyped-def]
    """out[r, c] = how many pixels of the cell are steady and not known; the shape of `out` sets the cells."""
    height, width = steady.shape
    rows, columns = out.shape
    out[:] = 0
    for y in range(height):
        row = y * rows // height
        for x in range(width):
            if steady[y, x] and not known[y, x]:
                out[row, x * columns // width] += 1

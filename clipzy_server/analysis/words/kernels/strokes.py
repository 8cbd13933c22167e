"""Loops over the edges of pictures."""

import numpy as np
from numba import njit


@njit("void(float32[:, ::1], int16[:, :, ::1])", cache=True, nogil=True)
def edges(picture, out):  # type: ignore[no-untyped-def]
    """out[:, y, x] = differences across a pixel, along x and along y; 0 at the borders."""
    height, width = picture.shape
    out[:, 0], out[:, -1], out[:, :, 0], out[:, :, -1] = 0, 0, 0, 0
    for y in range(1, height - 1):
        above, here, below = picture[y - 1], picture[y], picture[y + 1]
        along, down = out[0, y], out[1, y]
        for x in range(1, width - 1):
            along[x] = np.int32(here[x + 1] - here[x - 1])
            down[x] = np.int32(below[x] - above[x])


@njit("void(int16[:, :, ::1], int16[:, :, ::1], int32, uint8[:, ::1])", cache=True, nogil=True)
def same_edges(one, other, least, out):  # type: ignore[no-untyped-def]
    """out[y, x] = 1 where both have an edge of at least `least` and they differ by less than half of it, else 0.

    Squares of differences of 8-bit levels are exact in float32.
    """
    enough = np.float32(least * least)
    one_x, one_y, other_x, other_y = one[0].reshape(-1), one[1].reshape(-1), other[0].reshape(-1), other[1].reshape(-1)
    flat = out.reshape(-1)
    for k in range(len(flat)):
        a, b = np.float32(one_x[k]), np.float32(one_y[k])
        da, db = a - np.float32(other_x[k]), b - np.float32(other_y[k])
        strength = a * a + b * b
        flat[k] = (strength >= enough) & (np.float32(4) * (da * da + db * db) < strength)


@njit("void(uint8[:, ::1], uint8[:, ::1], uint8)", cache=True, nogil=True)
def age(strokes, ages, oldest):  # type: ignore[no-untyped-def]
    """One step older, up to `oldest`; 0 where there are strokes that were not of that age yet."""
    now, flat = strokes.reshape(-1), ages.reshape(-1)
    for k in range(len(flat)):
        older = min(np.uint8(flat[k] + 1), oldest)
        flat[k] = np.uint8(0) if (now[k] != 0) & (flat[k] < oldest) else older


@njit("void(uint8[:, ::1], uint8[:, ::1], uint8, int32[:, ::1])", cache=True, nogil=True)
def count_new(steady, ages, oldest, out):  # type: ignore[no-untyped-def]
    """out[r, c] = how many pixels of the cell are steady and of the oldest age; the shape of `out` sets the cells."""
    height, width = steady.shape
    rows, columns = out.shape
    out[:] = 0
    line = np.empty(width, np.int32)
    for row in range(rows):
        line[:] = 0
        for y in range(-(-row * height // rows), -(-(row + 1) * height // rows)):
            strokes, unsteady_for = steady[y], ages[y]
            for x in range(width):
                line[x] += (strokes[x] != 0) & (unsteady_for[x] >= oldest)
        for x in range(width):
            out[row, x * columns // width] += line[x]

"""Loops that shrink planes by area averaging and measure sharpness."""

import numpy as np
from numba import njit


@njit("void(uint16[::1], int64, int32[::1])", cache=True, nogil=True)
def _sum_blocks(line, factor, out):  # type: ignore[no-untyped-def]
    """out[c] = sum of `factor` values from c · factor on; those of 1080p are written out, which lets them be lanes."""
    if factor == 8:
        for column in range(len(out)):
            b = line[8 * column : 8 * column + 8]
            out[column] = np.int32(b[0]) + b[1] + b[2] + b[3] + b[4] + b[5] + b[6] + b[7]
    elif factor == 3:
        for column in range(len(out)):
            b = line[3 * column : 3 * column + 3]
            out[column] = np.int32(b[0]) + b[1] + b[2]
    else:
        for column in range(len(out)):
            total = np.int32(0)
            for x in range(column * factor, (column + 1) * factor):
                total += line[x]
            out[column] = total


@njit("void(uint8[:, ::1], int64, float32[:, ::1])", cache=True, nogil=True)
def average_blocks(plane, factor, out):  # type: ignore[no-untyped-def]
    """out[r, c] = mean of the `factor` × `factor` block of the plane; what is over at the edges is left out.

    `factor` ≤ 257, so that a column's sum has 16 bits.
    """
    rows, columns = out.shape
    line, totals = np.empty(columns * factor, np.uint16), np.empty(columns, np.int32)
    scale = np.float32(1.0 / (factor * factor))
    for row in range(rows):
        line[:] = 0
        for k in range(factor):
            source = plane[row * factor + k]
            for x in range(columns * factor):
                line[x] += source[x]
        _sum_blocks(line, factor, totals)
        for column in range(columns):
            out[row, column] = totals[column] * scale


@njit("void(float32[:, ::1], uint8[:, ::1])", cache=True, nogil=True)
def average_area(picture, out):  # type: ignore[no-untyped-def]
    """Shrink to any smaller size: each output value is the mean of its area, pixels on the border counted by share."""
    height, width = picture.shape
    rows, columns = out.shape
    strip = np.empty(width, np.float32)
    step_y, step_x = height / rows, width / columns
    for row in range(rows):
        strip[:] = 0
        top, bottom = row * step_y, (row + 1) * step_y
        for line in range(int(top), min(int(np.ceil(bottom)), height)):
            share = np.float32(min(bottom, line + 1) - max(top, line))
            for x in range(width):
                strip[x] += share * picture[line, x]
        for column in range(columns):
            left, right = column * step_x, (column + 1) * step_x
            total = np.float32(0)
            for x in range(int(left), min(int(np.ceil(right)), width)):
                total += np.float32(min(right, x + 1) - max(left, x)) * strip[x]
            out[row, column] = min(255, int(total / np.float32(step_x * step_y) + np.float32(0.5)))


@njit("float64(float32[:, ::1])", cache=True, nogil=True)
def gradient_energy(picture):  # type: ignore[no-untyped-def]
    """Root of the mean squared difference between neighbours, in levels of luma."""
    height, width = picture.shape
    total = 0.0
    for y in range(height - 1):
        for x in range(width - 1):
            right = picture[y, x + 1] - picture[y, x]
            below = picture[y + 1, x] - picture[y, x]
            total += right * right + below * below
    return np.sqrt(total / max(1, 2 * (height - 1) * (width - 1)))


@njit("void(float32[:, ::1], float32[:, ::1], float32[:, ::1], float64[::1])", cache=True, nogil=True)
def recode(y, u, v, step):  # type: ignore[no-untyped-def]
    """Apply `colour_coding.linear_step` of 8 bits in place; u and v are of one size, y of any."""
    width = y.shape[1]
    of_u, of_v, places = np.empty(width), np.empty(width), np.arange(width) * u.shape[1] // width
    for row in range(y.shape[0]):
        chroma_row = row * u.shape[0] // y.shape[0]
        for column in range(width):
            of_u[column] = step[1] * (u[chroma_row, places[column]] - 128)
            of_v[column] = step[2] * (v[chroma_row, places[column]] - 128)
        for column in range(width):
            y[row, column] = min(max(step[0] * y[row, column] + of_u[column] + of_v[column] + step[3], 0.0), 255.0)
    for row in range(u.shape[0]):
        for column in range(u.shape[1]):
            du, dv = u[row, column] - 128, v[row, column] - 128
            u[row, column] = min(max(128 + step[4] * du + step[5] * dv, 0.0), 255.0)
            v[row, column] = min(max(128 + step[6] * du + step[7] * dv, 0.0), 255.0)

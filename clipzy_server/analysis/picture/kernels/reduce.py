"""Loops that shrink planes by area averaging and measure sharpness."""

import numpy as np
from numba import njit


@njit("void(uint8[:, ::1], int64, float32[:, ::1])", cache=True, nogil=True)
def average_blocks(plane, factor, out):  # type: ignore[no-untyped-def]
    """out[r, c] = mean of the `factor` × `factor` block of the plane; what is over at the edges is left out."""
    rows, columns = out.shape
    line = np.empty(columns * factor, np.uint32)
    scale = np.float32(1.0 / (factor * factor))
    for row in range(rows):
        line[:] = 0
        for k in range(factor):
            source = plane[row * factor + k]
            for x in range(columns * factor):
                line[x] += source[x]
        for column in range(columns):
            total = np.uint32(0)
            for k in range(factor):
                total += line[column * factor + k]
            out[row, column] = total * scale


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
    for row in range(y.shape[0]):
        chroma_row = row * u.shape[0] // y.shape[0]
        for column in range(y.shape[1]):
            chroma_column = column * u.shape[1] // y.shape[1]
            du, dv = u[chroma_row, chroma_column] - 128, v[chroma_row, chroma_column] - 128
            y[row, column] = min(max(step[0] * y[row, column] + step[1] * du + step[2] * dv + step[3], 0.0), 255.0)
    for row in range(u.shape[0]):
        for column in range(u.shape[1]):
            du, dv = u[row, column] - 128, v[row, column] - 128
            u[row, column] = min(max(128 + step[4] * du + step[5] * dv, 0.0), 255.0)
            v[row, column] = min(max(128 + step[6] * du + step[7] * dv, 0.0), 255.0)

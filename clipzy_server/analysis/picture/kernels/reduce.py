"""Loops that shrink planes by area averaging and measure sharpness."""

import numpy as np
from numba import njit

# Sums may be taken in any order, which lets them be taken in lanes.
ANY_ORDER = {"reassoc", "nsz"}


@njit
def _average_by_8(plane, out):  # type: ignore[no-untyped-def]
    """Eight pixels are one word, whose even and odd bytes add up side by side."""
    rows, columns = out.shape
    even, together = np.uint64(0x00FF00FF00FF00FF), np.uint64(0x0001000100010001)
    totals = np.empty(columns, np.uint64)
    for row in range(rows):
        totals[:] = 0
        for line in range(8 * row, 8 * row + 8):
            words = plane[line, : 8 * columns].view(np.uint64)
            for column in range(columns):
                totals[column] += (words[column] & even) + ((words[column] >> np.uint64(8)) & even)
        for column in range(columns):
            # The product's highest 16 bits are the sum of all four.
            out[row, column] = np.int32((totals[column] * together) >> np.uint64(48)) * np.float32(1 / 64)


@njit
def _average_by_4(plane, out):  # type: ignore[no-untyped-def]
    """As `_average_by_8`, with words of four pixels."""
    rows, columns = out.shape
    even = np.uint32(0x00FF00FF)
    totals = np.empty(columns, np.uint32)
    for row in range(rows):
        totals[:] = 0
        for line in range(4 * row, 4 * row + 4):
            words = plane[line, : 4 * columns].view(np.uint32)
            for column in range(columns):
                totals[column] += (words[column] & even) + ((words[column] >> np.uint32(8)) & even)
        for column in range(columns):
            total = (totals[column] & np.uint32(0xFFFF)) + (totals[column] >> np.uint32(16))
            out[row, column] = np.int32(total) * np.float32(1 / 16)


@njit
def _sum_blocks(line, factor, out):  # type: ignore[no-untyped-def]
    """out[c] = sum of `factor` values from c · factor on; the usual ones are written out, which lets them be lanes."""
    if factor == 3:
        for column in range(len(out)):
            b = line[3 * column : 3 * column + 3]
            out[column] = np.int32(b[0]) + b[1] + b[2]
    elif factor == 5:
        for column in range(len(out)):
            b = line[5 * column : 5 * column + 5]
            out[column] = np.int32(b[0]) + b[1] + b[2] + b[3] + b[4]
    else:
        out[:] = 0
        for k in range(factor):
            for column in range(len(out)):
                out[column] += line[column * factor + k]


@njit("void(uint8[:, ::1], int64, float32[:, ::1])", cache=True, nogil=True)
def average_blocks(plane, factor, out):  # type: ignore[no-untyped-def]
    """out[r, c] = mean of the `factor` × `factor` block of the plane; what is over at the edges is left out.

    `factor` ≤ 257, so that a column's sum has 16 bits. Those of 1080p and 480p are the fast ones.
    """
    if factor == 8:
        _average_by_8(plane, out)
        return
    if factor == 4:
        _average_by_4(plane, out)
        return
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
    step_y, step_x = height / rows, width / columns
    area = np.float32(step_x * step_y)
    most = min(width, int(np.ceil(step_x)) + 1)
    firsts, shares = np.empty(columns, np.int32), np.zeros((most, columns), np.float32)
    for column in range(columns):
        left, right = column * step_x, (column + 1) * step_x
        firsts[column] = min(int(left), width - most)
        for x in range(int(left), min(int(np.ceil(right)), width)):
            shares[x - firsts[column], column] = min(right, x + 1) - max(left, x)
    strip, totals = np.empty(width, np.float32), np.empty(columns, np.float32)
    for row in range(rows):
        strip[:] = 0
        top, bottom = row * step_y, (row + 1) * step_y
        for line in range(int(top), min(int(np.ceil(bottom)), height)):
            share = np.float32(min(bottom, line + 1) - max(top, line))
            for x in range(width):
                strip[x] += share * picture[line, x]
        totals[:] = 0
        for k in range(most):
            for column in range(columns):
                totals[column] += shares[k, column] * strip[firsts[column] + k]
        for column in range(columns):
            out[row, column] = min(255, int(totals[column] / area + np.float32(0.5)))


@njit("float64(float32[:, ::1])", cache=True, nogil=True, fastmath=ANY_ORDER)
def gradient_energy(picture):  # type: ignore[no-untyped-def]
    """Root of the mean squared difference between neighbours, in levels of luma."""
    height, width = picture.shape
    total = 0.0
    for y in range(height - 1):
        here, below = picture[y], picture[y + 1]
        for x in range(width - 1):
            along, down = here[x + 1] - here[x], below[x] - here[x]
            total += along * along + down * down
    return np.sqrt(total / max(1, 2 * (height - 1) * (width - 1)))


@njit("void(float32[:, ::1], float32[:, ::1], float32[:, ::1], float64[::1])", cache=True, nogil=True)
def recode(y, u, v, step):  # type: ignore[no-untyped-def]
    """Apply `colour_coding.linear_step` of 8 bits in place; u and v are of one size, y of any."""
    width = y.shape[1]
    of_u, of_v, places = np.empty(width), np.empty(width), np.arange(width) * u.shape[1] // width
    made_of = -1
    for row in range(y.shape[0]):
        chroma_row = row * u.shape[0] // y.shape[0]
        if chroma_row != made_of:
            made_of = chroma_row
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

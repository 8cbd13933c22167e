"""The loop that finds the blocks of one thumbnail again in another, to parts of a pixel."""

import numpy as np
from numba import njit

BLOCK_PX = 12
STRIDE_PX = 6
# Blocks with less variance (levels²) than this along either axis tell nothing of where they went.
LEAST_VARIANCE = 40.0
LEAST_CORRELATION = 0.8


@njit
def correlation(before, now, top, left, to_top, to_left):  # type: ignore[no-untyped-def]
    """Normalised correlation −1…1 of two blocks; 0 where one of them is flat."""
    one, other, squares, other_squares, products = 0.0, 0.0, 0.0, 0.0, 0.0
    for y in range(BLOCK_PX):
        for x in range(BLOCK_PX):
            a, b = float(before[top + y, left + x]), float(now[to_top + y, to_left + x])
            one += a
            other += b
            squares += a * a
            other_squares += b * b
            products += a * b
    pixels = BLOCK_PX * BLOCK_PX
    variance = squares / pixels - (one / pixels) ** 2
    other_variance = other_squares / pixels - (other / pixels) ** 2
    if variance < 1 or other_variance < 1:
        return 0.0
    return (products / pixels - one * other / pixels**2) / np.sqrt(variance * other_variance)


@njit
def is_textured(picture, top, left):  # type: ignore[no-untyped-def]
    """Whether a block has detail along both axes: the means of its columns and of its rows both differ."""
    rows, columns = np.zeros(BLOCK_PX), np.zeros(BLOCK_PX)
    for y in range(BLOCK_PX):
        for x in range(BLOCK_PX):
            rows[y] += picture[top + y, left + x]
            columns[x] += picture[top + y, left + x]
    return min(np.var(rows / BLOCK_PX), np.var(columns / BLOCK_PX)) >= LEAST_VARIANCE


@njit
def _peak(left, middle, right):  # type: ignore[no-untyped-def]
    bend = left - 2 * middle + right
    return 0.0 if bend >= 0 else min(max(0.5 * (left - right) / bend, -0.5), 0.5)


@njit("int64(uint8[:, :], uint8[:, :], float64[::1], int64, float64[:, ::1])", cache=True, nogil=True)
def follow_blocks(before, now, shift, reach, out):  # type: ignore[no-untyped-def]
    """Where textured blocks went; gives how many rows of `out` are filled (x, y from the centre, dx, dy; px).

    Each is looked for no farther than `reach` px around its place moved by `shift` (dx, dy). Blocks whose best match
    is poor, or at the edge of what was searched, are left out.
    """
    height, width = before.shape
    count = 0
    scores = np.empty((2 * reach + 1, 2 * reach + 1))
    for top in range(0, height - BLOCK_PX + 1, STRIDE_PX):
        for left in range(0, width - BLOCK_PX + 1, STRIDE_PX):
            corner_y, corner_x = top + int(np.rint(shift[1])) - reach, left + int(np.rint(shift[0])) - reach
            inside = corner_y >= 0 and corner_x >= 0
            inside = inside and corner_y + 2 * reach + BLOCK_PX <= height and corner_x + 2 * reach + BLOCK_PX <= width
            if not inside or not is_textured(before, top, left):
                continue
            best, at_y, at_x = -1.0, 0, 0
            for y in range(2 * reach + 1):
                for x in range(2 * reach + 1):
                    scores[y, x] = correlation(before, now, top, left, corner_y + y, corner_x + x)
                    if scores[y, x] > best:
                        best, at_y, at_x = scores[y, x], y, x
            if best < LEAST_CORRELATION or min(at_y, at_x) == 0 or max(at_y, at_x) == 2 * reach:
                continue
            out[count, 0] = left + (BLOCK_PX - width) / 2
            out[count, 1] = top + (BLOCK_PX - height) / 2
            part_x = _peak(scores[at_y, at_x - 1], best, scores[at_y, at_x + 1])
            part_y = _peak(scores[at_y - 1, at_x], best, scores[at_y + 1, at_x])
            out[count, 2] = corner_x + at_x - left + part_x
            out[count, 3] = corner_y + at_y - top + part_y
            count += 1
    return count

"""Loops that say whether two thumbnails show the same scene."""

import numpy as np
from numba import njit

BLOCK_PX = 12
REACH_PX = 2
NOISE_VARIANCE = 6.0
FLAT_VARIANCE = 12.0
FLAT_DIFFERENCE = 12.0
UNSEEN = -2.0
# What has structure at all, and what quantisation and compression add to it, squared levels.
STRUCTURE_VARIANCE = 4.0
STRUCTURE_NOISE = 1.0


@njit(cache=True, nogil=True, fastmath=True)
def _sums(one, other):  # type: ignore[no-untyped-def]
    """Sum and sum of squares of one row of values, and of its products with another one."""
    total, square, product = np.int32(0), np.int32(0), np.int32(0)
    for k in range(one.size):
        value = np.int32(one[k])
        total += value
        square += value * value
        product += value * np.int32(other[k])
    return total, square, product


@njit(cache=True, nogil=True)
def _copy(picture, top, left, columns, out):  # type: ignore[no-untyped-def]
    """Fill `out` with rows of the picture, one after the other: lying together they are summed thrice as fast."""
    for row in range(out.size // columns):
        source, line = picture[top + row, left : left + columns], out[row * columns : (row + 1) * columns]
        for column in range(columns):
            line[column] = source[column]


@njit(cache=True, nogil=True, fastmath=True)
def _variance(total, square, pixels):  # type: ignore[no-untyped-def]
    # Rounding takes an even block's variance below zero, which has no root.
    return max(square / pixels - (total / pixels) ** 2, 0.0)


@njit(cache=True, nogil=True, fastmath=True)
def _find_block(block, now, place, size, noise):  # type: ignore[no-untyped-def]
    """(correlation, contrast, smallest gap of means) of the best match near `place`; UNSEEN where out of view.

    The block, uint8[rows · columns], has `size` (rows, columns).
    """
    height, width = now.shape
    rows, columns = size
    pixels = rows * columns
    total, square, _ = _sums(block, block)
    mean, variance = total / pixels, _variance(total, square, pixels)
    best, contrast, gap = UNSEEN, variance, 255.0
    top, bottom = max(0, place[0] - REACH_PX), min(place[0] + REACH_PX, height - rows) + rows
    if bottom - top < rows:
        return best, contrast, gap
    strip = np.empty((bottom - top) * columns, np.uint8)
    for to_left in range(max(0, place[1] - REACH_PX), min(place[1] + REACH_PX, width - columns) + 1):
        _copy(now, top, to_left, columns, strip)
        for start in range(0, strip.size - pixels + 1, columns):
            total, square, product = _sums(strip[start : start + pixels], block)
            other_mean, other_variance = total / pixels, _variance(total, square, pixels)
            gap = min(gap, abs(mean - other_mean))
            spread = np.sqrt((variance + noise) * (other_variance + noise))
            match = (product / pixels - mean * other_mean) / spread
            if match > best:
                best, contrast = match, max(variance, other_variance)
    return best, contrast, gap


@njit(cache=True, nogil=True)
def _blocks(shape):  # type: ignore[no-untyped-def]
    """((rows, columns) of a block in px, number of rows and of columns of blocks) of a picture."""
    size = (min(BLOCK_PX, shape[0]), min(BLOCK_PX, shape[1]))
    return size, max(1, shape[0] // size[0]), max(1, shape[1] // size[1])


@njit(cache=True, nogil=True)
def _corners(shape, size, row, column, warp):  # type: ignore[no-untyped-def]
    """(top, left, (top, left) where `warp` puts it) of a block."""
    height, width = shape
    cx, cy = (width - size[1]) / 2, (height - size[0]) / 2
    top = (height - size[0]) * row // max(1, height // size[0] - 1)
    left = (width - size[1]) * column // max(1, width // size[1] - 1)
    px, py = left - cx, top - cy
    place = (
        int(np.rint(warp[1] * px + warp[0] * py + warp[3] + cy)),
        int(np.rint(warp[0] * px - warp[1] * py + warp[2] + cx)),
    )
    return top, left, place


@njit("float64(uint8[:, :], uint8[:, :], float64[::1])", cache=True, nogil=True, fastmath=True)
def structure_lost(before, now, warp):  # type: ignore[no-untyped-def]
    """0 all that one picture shows is found in the other … 1 nothing of it is, or there is nothing to find.

    As `dissimilarity`, but blocks weigh by what they show in `before` alone, however faint: neither words laid over a
    scene nor fog that lifts takes it away.
    """
    size, rows, columns = _blocks(before.shape)
    block = np.empty(size[0] * size[1], np.uint8)
    total, weights = 0.0, 0.0
    for row in range(rows):
        for column in range(columns):
            top, left, place = _corners(before.shape, size, row, column, warp)
            _copy(before, top, left, size[1], block)
            levels, squares, _ = _sums(block, block)
            variance = _variance(levels, squares, block.size)
            if variance < STRUCTURE_VARIANCE:
                continue
            match, _, _ = _find_block(block, now, place, size, STRUCTURE_NOISE)
            if match == UNSEEN:
                continue
            total += np.sqrt(variance) * (1 - max(match, 0.0) ** 2)
            weights += np.sqrt(variance)
    return total / weights if weights > 0 else 1.0


@njit("float64(uint8[:, :], uint8[:, :], float64[::1])", cache=True, nogil=True, fastmath=True)
def dissimilarity(before, now, warp):  # type: ignore[no-untyped-def]
    """0 the same scene … 1 nothing in common: how badly blocks of one picture are found again in the other.

    Each block of 12 × 12 px is looked for within 2 px of where the similarity `warp` (Re a, Im a, Re t, Im t; px from
    the centre) puts it; its score is 1 − (normalised correlation)², so a change of brightness alone does not count.
    Blocks weigh by their contrast; flat ones compare their means. Blocks that leave the view don't count.
    """
    size, rows, columns = _blocks(before.shape)
    block = np.empty(size[0] * size[1], np.uint8)
    total, weights = 0.0, 0.0
    for row in range(rows):
        for column in range(columns):
            top, left, place = _corners(before.shape, size, row, column, warp)
            _copy(before, top, left, size[1], block)
            match, contrast, gap = _find_block(block, now, place, size, NOISE_VARIANCE)
            if match == UNSEEN:
                continue
            score = 1 - max(match, 0.0) ** 2
            if contrast < FLAT_VARIANCE:
                score = 1.0 if gap > FLAT_DIFFERENCE else 0.0
            weight = np.sqrt(contrast) + 2.0
            total += weight * score
            weights += weight
    return total / weights if weights > 0 else 1.0


@njit("float64(uint8[:, :], uint8[:, :])", cache=True, nogil=True)
def mean_difference(one, other):  # type: ignore[no-untyped-def]
    """Mean absolute difference of two planes of one size, levels."""
    total = 0.0
    for y in range(one.shape[0]):
        line = np.int32(0)
        for x in range(one.shape[1]):
            line += abs(np.int32(one[y, x]) - np.int32(other[y, x]))
        total += line
    return total / one.size

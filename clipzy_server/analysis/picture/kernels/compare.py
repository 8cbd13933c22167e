"""Loops that say whether two thumbnails show the same scene."""

import numpy as np
from numba import njit

BLOCK_PX = 12
REACH_PX = 2
NOISE_VARIANCE = 6.0
FLAT_VARIANCE = 12.0
FLAT_DIFFERENCE = 12.0
UNSEEN = -2.0


@njit(cache=True, nogil=True, fastmath=True)
def _moments(one, top, left, other, to_top, to_left, size):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """(mean and variance in `other`, mean product with `one`) of two blocks of `size` (rows, columns)."""
    total, square, product = np.int64(0), np.int64(0), np.int64(0)
    for y in range(size[0]):
        for x in range(size[1]):
            value = np.int64(other[to_top + y, to_left + x])
            total += value
            square += value * value
            product += value * np.int64(one[top + y, left + x])
    pixels = size[0] * size[1]
    mean = total / pixels
    return mean, square / pixels - mean * mean, product / pixels


@njit(cache=True, nogil=True, fastmath=True)
def _find_block(before, now, top, left, place, size):  # type: ignore[no-untyped-def]
    """(correlation, contrast, smallest gap of means) of the best match near `place`; UNSEEN where out of view."""
    height, width = now.shape
    mean, variance, _ = _moments(before, top, left, before, top, left, size)
    best, contrast, gap = UNSEEN, variance, 255.0
    for to_top in range(max(0, place[0] - REACH_PX), min(place[0] + REACH_PX, height - size[0]) + 1):
        for to_left in range(max(0, place[1] - REACH_PX), min(place[1] + REACH_PX, width - size[1]) + 1):
            other_mean, other_variance, product = _moments(before, top, left, now, to_top, to_left, size)
            gap = min(gap, abs(mean - other_mean))
            spread = np.sqrt((variance + NOISE_VARIANCE) * (other_variance + NOISE_VARIANCE))
            match = (product - mean * other_mean) / spread
            if match > best:
                best, contrast = match, max(variance, other_variance)
    return best, contrast, gap


@njit("float64(uint8[:, :], uint8[:, :], float64[::1])", cache=True, nogil=True, fastmath=True)
def dissimilarity(before, now, warp):  # type: ignore[no-untyped-def]
    """0 the same scene … 1 nothing in common: how badly blocks of one picture are found again in the other.

    Each block of 12 × 12 px is looked for within 2 px of where the similarity `warp` (Re a, Im a, Re t, Im t; px from
    the centre) puts it; its score is 1 − (normalised correlation)², so a change of brightness alone does not count.
    Blocks weigh by their contrast; flat ones compare their means. Blocks that leave the view don't count.
    """
    height, width = before.shape
    size = (min(BLOCK_PX, height), min(BLOCK_PX, width))
    cx, cy = (width - size[1]) / 2, (height - size[0]) / 2
    rows, columns = max(1, height // size[0]), max(1, width // size[1])
    total, weights = 0.0, 0.0
    for row in range(rows):
        for column in range(columns):
            top = (height - size[0]) * row // max(1, rows - 1)
            left = (width - size[1]) * column // max(1, columns - 1)
            px, py = left - cx, top - cy
            place = (
                int(np.rint(warp[1] * px + warp[0] * py + warp[3] + cy)),
                int(np.rint(warp[0] * px - warp[1] * py + warp[2] + cx)),
            )
            match, contrast, gap = _find_block(before, now, top, left, place, size)
            if match == UNSEEN:
                continue
            score = 1 - max(match, 0.0) ** 2
            if contrast < FLAT_VARIANCE:
                score = 1.0 if gap > FLAT_DIFFERENCE else 0.0
            weight = np.sqrt(contrast) + 2.0
            total += weight * score
            weights += weight
    return total / weights if weights > 0 else 1.0

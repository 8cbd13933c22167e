"""Loops that move, turn and scale small pictures."""

import numpy as np
from numba import njit


@njit("Tuple((int64, int64, float32))(float64, int64)", cache=True, nogil=True)
def _between(at, length):  # type: ignore[no-untyped-def]
    """(lower index, higher index, share of the higher) of a place; the nearest pixel beyond the edges."""
    at = min(max(at, 0.0), float(length - 1))
    low = min(int(at), max(0, length - 2))
    return low, min(low + 1, length - 1), np.float32(at - low)


@njit("void(float32[:, :, ::1], complex128[::1], complex128[::1], float32[:, :, :, ::1])", cache=True, nogil=True)
def carry(planes, scales, shifts, out):  # type: ignore[no-untyped-def]
    """out[k] = planes with every point p (from the centre, x + iy px) carried to scales[k] · p + shifts[k]; bilinear.

    What was out of view repeats the edge.
    """
    count, height, width = planes.shape
    cx, cy = (width - 1) / 2, (height - 1) / 2
    for k in range(len(scales)):
        back = 1 / scales[k]
        for y in range(height):
            for x in range(width):
                source = (complex(x - cx, y - cy) - shifts[k]) * back
                left, right, along = _between(source.real + cx, width)
                top, bottom, down = _between(source.imag + cy, height)
                for plane in range(count):
                    upper = planes[plane, top, left] * (1 - along) + planes[plane, top, right] * along
                    lower = planes[plane, bottom, left] * (1 - along) + planes[plane, bottom, right] * along
                    out[k, plane, y, x] = upper * (1 - down) + lower * down

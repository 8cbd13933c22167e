"""Loops that move, turn and scale small pictures."""

import numpy as np
from numba import njit


@njit("void(float32[:, :, ::1], complex128[::1], complex128[::1], float32[:, :, :, ::1])", cache=True, nogil=True)
def carry(planes, scales, shifts, out):  # type: ignore[no-untyped-def]
    """out[k] = planes with every point p (from the centre, x + iy px) carried to scales[k] · p + shifts[k]; bilinear.

    What was out of view repeats the edge.
    """
    count, height, width = planes.shape
    cx, cy = (width - 1) / 2, (height - 1) / 2
    right_edge, bottom_edge = np.float32(width - 1), np.float32(height - 1)
    before_right, before_bottom = np.int32(max(0, width - 2)), np.int32(max(0, height - 2))
    to_right, to_below = min(1, width - 1), width * min(1, height - 1)
    lefts, tops = np.empty(width, np.int32), np.empty(width, np.int32)
    along, down = np.empty(width, np.float32), np.empty(width, np.float32)
    for k in range(len(scales)):
        back = 1 / scales[k]
        for y in range(height):
            begin = (complex(-cx, y - cy) - shifts[k]) * back + complex(cx, cy)
            for x in range(width):
                at_x = min(max(np.float32(begin.real + x * back.real), np.float32(0)), right_edge)
                at_y = min(max(np.float32(begin.imag + x * back.imag), np.float32(0)), bottom_edge)
                lefts[x] = min(np.int32(at_x), before_right)
                tops[x] = min(np.int32(at_y), before_bottom)
                along[x], down[x] = at_x - lefts[x], at_y - tops[x]
            for plane in range(count):
                picture, row = planes[plane].reshape(-1), out[k, plane, y]
                for x in range(width):
                    high = tops[x] * width + lefts[x]
                    low = high + to_below
                    upper = picture[high] + along[x] * (picture[high + to_right] - picture[high])
                    lower = picture[low] + along[x] * (picture[low + to_right] - picture[low])
                    row[x] = upper + down[x] * (lower - upper)

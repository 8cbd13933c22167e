"""The loop that scales a small picture about its centre."""

import numpy as np
from numba import njit


@njit("Tuple((int64, int64, float32))(int64, int64, float64)", cache=True, nogil=True)
def _source(place, length, scale):  # type: ignore[no-untyped-def]
    """(lower index, higher index, share of the higher) from which a pixel comes; mirrored beyond the edges."""
    at = abs((place + 0.5 - length / 2) / scale + length / 2 - 0.5)
    if at > length - 1:
        at = 2 * (length - 1) - at
    at = min(max(at, 0.0), float(length - 1))
    low = min(int(at), length - 1)
    return low, min(low + 1, length - 1), np.float32(at - low)


@njit("void(float32[:, :, ::1], float64[::1], float32[:, :, :, ::1])", cache=True, nogil=True)
def magnify(picture, scales, out):  # type: ignore[no-untyped-def]
    """out[k] = the planes of a picture `scales[k]` times as large, bilinear, cropped or mirrored to their own size."""
    planes, height, width = picture.shape
    for k in range(len(scales)):
        for row in range(height):
            top, bottom, down = _source(row, height, scales[k])
            for column in range(width):
                left, right, along = _source(column, width, scales[k])
                for plane in range(planes):
                    upper = picture[plane, top, left] * (1 - along) + picture[plane, top, right] * along
                    lower = picture[plane, bottom, left] * (1 - along) + picture[plane, bottom, right] * along
                    out[k, plane, row, column] = upper * (1 - down) + lower * down

"""The loop that scales a small picture about its centre."""

import numpy as np
from numba import njit


@njit
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
    left, right, along = np.empty(width, np.int64), np.empty(width, np.int64), np.empty(width, np.float32)
    for k in range(len(scales)):
        for column in range(width):
            left[column], right[column], along[column] = _source(column, width, scales[k])
        for row in range(height):
            top, bottom, down = _source(row, height, scales[k])
            for plane in range(planes):
                high, low, made = picture[plane, top], picture[plane, bottom], out[k, plane, row]
                for column in range(width):
                    upper = high[left[column]] + along[column] * (high[right[column]] - high[left[column]])
                    lower = low[left[column]] + along[column] * (low[right[column]] - low[left[column]])
                    made[column] = upper + down * (lower - upper)

"""The loop that prepares the columns of frames for being compared with those of other pictures."""

import numpy as np
from numba import njit


@njit("void(float32[:, :, :, ::1], float32[:, :, ::1], float32, float32[:, :, ::1])", cache=True, nogil=True)
def weigh_columns(frames, weights, middle, out):  # type: ignore[no-untyped-def]
    """Rows −2 w F of all planes, then w, then the sum of w F² of each column, float32[n, 4 h + 1, w].

    Of frames F float32[n, 3, h, w] about `middle`, weighed by w float32[n, h, w].
    """
    count, planes, height, width = frames.shape
    for n in range(count):
        squares = out[n, (planes + 1) * height]
        squares[:] = 0
        for y in range(height):
            told = weights[n, y]
            out[n, planes * height + y] = told
            for plane in range(planes):
                row, seen = out[n, plane * height + y], frames[n, plane, y]
                for x in range(width):
                    off = seen[x] - middle
                    telling = told[x] * off
                    row[x] = np.float32(-2) * telling
                    squares[x] += telling * off

"""Loops that turn planes of 4:2:0 samples into 8-bit BT.709 of limited range."""

import numpy as np
from numba import njit

_PLANES_OUT = "uint8[:, ::1], uint8[:, ::1], uint8[:, ::1]"


@njit(
    [
        f"void(uint8[:, ::1], uint8[:, ::1], uint8[:, ::1], float64[::1], int64, {_PLANES_OUT})",
        f"void(uint16[:, ::1], uint16[:, ::1], uint16[:, ::1], float64[::1], int64, {_PLANES_OUT})",
    ],
    cache=True,
    nogil=True,
)
def apply_linear_step(y, u, v, step, offset, out_y, out_u, out_v):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Apply `colour_coding.linear_step`; y is [h, w], u and v [⌈h/2⌉, ⌈w/2⌉], `offset` the code value of no colour.

    In 1/65536 code. What the colour adds to the luma is kept for a line, so that each loop runs along one line.
    """
    height, width = y.shape
    k = (step * 65536.0).astype(np.int32)
    half, none = np.int32(32768), np.int32(offset)
    shift = np.empty(2 * u.shape[1], np.int32)
    for row in range(u.shape[0]):
        for column in range(u.shape[1]):
            du = np.int32(u[row, column]) - none
            dv = np.int32(v[row, column]) - none
            new_u = np.int32(128) + ((k[4] * du + k[5] * dv + half) >> np.int32(16))
            new_v = np.int32(128) + ((k[6] * du + k[7] * dv + half) >> np.int32(16))
            out_u[row, column] = min(max(new_u, np.int32(0)), np.int32(255))
            out_v[row, column] = min(max(new_v, np.int32(0)), np.int32(255))
            shift[2 * column] = shift[2 * column + 1] = k[1] * du + k[2] * dv + k[3] + half
        for line in range(2 * row, min(2 * row + 2, height)):
            for pixel in range(width):
                value = (k[0] * np.int32(y[line, pixel]) + shift[pixel]) >> np.int32(16)
                out_y[line, pixel] = min(max(value, np.int32(0)), np.int32(255))


@njit(
    [
        f"void(uint8[:, :], uint8[:, :], uint8[:, :], float32[:, :, :, ::1], int64, {_PLANES_OUT})",
        f"void(uint16[:, :], uint16[:, :], uint16[:, :], float32[:, :, :, ::1], int64, {_PLANES_OUT})",
    ],
    cache=True,
    nogil=True,
)
def apply_light_table(y, u, v, table, top, out_y, out_u, out_v):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Look `colour_coding.light_table` up, linear between its knots; `top` is the largest code value."""
    height, width = y.shape
    y_scale = np.float32((table.shape[0] - 1) / top)
    c_scale = np.float32((table.shape[1] - 1) / top)
    last_y, last_c = table.shape[0] - 2, table.shape[1] - 2
    for row in range(u.shape[0]):
        for column in range(u.shape[1]):
            fu = u[row, column] * c_scale
            fv = v[row, column] * c_scale
            iu, iv = min(int(fu), last_c), min(int(fv), last_c)
            wu, wv = fu - iu, fv - iv
            w00, w01, w10, w11 = (1 - wu) * (1 - wv), (1 - wu) * wv, wu * (1 - wv), wu * wv
            sum_u, sum_v, count = np.float32(0), np.float32(0), 0
            for line in range(2 * row, min(2 * row + 2, height)):
                for pixel in range(2 * column, min(2 * column + 2, width)):
                    fy = y[line, pixel] * y_scale
                    iy = min(int(fy), last_y)
                    wy = fy - iy
                    luma = np.float32(0)
                    for step in range(2):
                        weight = wy if step == 1 else 1 - wy
                        cell = table[iy + step]
                        a, b, c, d = cell[iu, iv], cell[iu, iv + 1], cell[iu + 1, iv], cell[iu + 1, iv + 1]
                        luma += weight * (w00 * a[0] + w01 * b[0] + w10 * c[0] + w11 * d[0])
                        sum_u += weight * (w00 * a[1] + w01 * b[1] + w10 * c[1] + w11 * d[1])
                        sum_v += weight * (w00 * a[2] + w01 * b[2] + w10 * c[2] + w11 * d[2])
                    out_y[line, pixel] = int(luma + np.float32(0.5))
                    count += 1
            out_u[row, column] = int(sum_u / count + np.float32(0.5))
            out_v[row, column] = int(sum_v / count + np.float32(0.5))

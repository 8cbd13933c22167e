"""The prism table applied to planes: luma taken as it is, chroma interpolated in triangles."""

import numpy as np
import numpy.typing as npt
from numba import int16, njit, uint8, void
from numba.core.types import Array

TABLE_UNIT = 64
"""Fixed point of the table: units of a code value."""


def _bayer() -> npt.NDArray[np.int32]:
    """The 8×8 ordered dither matrix (Bayer 1973), thresholds 0…63 in 1/512 of a code: multiples of 8."""
    matrix = np.zeros((1, 1), np.int32)
    for _ in range(3):
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    return 8 * matrix


_DITHER = _bayer()


@njit(
    void(Array(int16, 4, "C", readonly=True), Array(uint8, 2, "A"), Array(uint8, 2, "A"), Array(uint8, 2, "A")),
    cache=True,
    nogil=True,
    boundscheck=False,
)
def apply_prism(table, y, u, v):  # type: ignore[no-untyped-def]
    """`table` int16 [3, 33, 33, 256] by output plane, U node, V node and Y code, in 1/64 code; planes in place.

    Each pair of chroma values lies in a square of four nodes and there in one of two triangles; the weights of its
    three nodes are eighths. Sums are in 1/512 code; the dither adds 0…63/64 of a code before they are cut off, so exact
    values stay exact. Chroma is looked up at the mean luma of its four pixels.
    """
    for row in range(u.shape[0]):
        for column in range(u.shape[1]):
            at_u, at_v = np.int32(u[row, column]), np.int32(v[row, column])
            part_u, part_v = at_u & 7, at_v & 7
            node_u, node_v = at_u >> 3, at_v >> 3
            first = np.int32(8) - max(part_u, part_v)
            second = abs(part_u - part_v)
            third = min(part_u, part_v)
            side_u = node_u + (1 if part_u >= part_v else 0)
            side_v = node_v + (0 if part_u >= part_v else 1)
            near, side, far = table[0, node_u, node_v], table[0, side_u, side_v], table[0, node_u + 1, node_v + 1]
            total = np.int32(0)
            for line in range(2 * row, 2 * row + 2):
                for pixel in range(2 * column, 2 * column + 2):
                    code = np.int32(y[line, pixel])
                    total += code
                    value = first * near[code] + second * side[code] + third * far[code]
                    y[line, pixel] = min(max((value + _DITHER[line & 7, pixel & 7]) >> 9, 0), 255)
            code = (total + 2) >> 2
            dither = _DITHER[row & 7, column & 7]
            near, side, far = table[1, node_u, node_v], table[1, side_u, side_v], table[1, node_u + 1, node_v + 1]
            value = first * near[code] + second * side[code] + third * far[code]
            u[row, column] = min(max((value + dither) >> 9, 0), 255)
            near, side, far = table[2, node_u, node_v], table[2, side_u, side_v], table[2, node_u + 1, node_v + 1]
            value = first * near[code] + second * side[code] + third * far[code]
            v[row, column] = min(max((value + dither) >> 9, 0), 255)

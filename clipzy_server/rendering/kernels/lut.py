"""The prism table applied to planes: luma taken as it is, chroma interpolated in triangles."""

import numpy as np
import numpy.typing as npt
from numba import int16, njit, uint8, void
from numba.core.types import Array

TABLE_UNIT = 64
"""Fixed point of the table: units of a code value."""

_NODES = 33
_V_STEP, _U_STEP = np.uint32(256), np.uint32(_NODES * 256)
_PLANE = np.uint32(_NODES * _NODES * 256)


def _bayer() -> npt.NDArray[np.int32]:
    """The 8×8 ordered dither matrix (Bayer 1973), thresholds 0…63 in 1/512 of a code: multiples of 8."""
    matrix = np.zeros((1, 1), np.int32)
    for _ in range(3):
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    return np.asarray(8 * matrix, np.int32)


_DITHER = _bayer()


@njit(cache=True, nogil=True, boundscheck=False)
def _mixed(entries, nodes, at, weights, dither):  # type: ignore[no-untyped-def]
    """Entries `at` a place of three nodes in shares of eighths, cut off after the dither: may lie beyond 0…255."""
    near, side, far = nodes
    first, second, third = weights
    total = first * np.int32(entries[near + at]) + second * np.int32(entries[side + at])
    return (total + third * np.int32(entries[far + at]) + dither) >> np.int32(9)


@njit(cache=True, nogil=True, boundscheck=False)
def _code(value):  # type: ignore[no-untyped-def]
    return min(max(value, np.int32(0)), np.int32(255))


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
    values stay exact. Chroma is looked up at the mean luma of its four pixels. Places in the table are unsigned, which
    spares a test for counting from its end; values beyond the codes are rare, so one test serves all six.
    """
    entries = table.reshape(-1)
    for row in range(u.shape[0]):
        upper, lower = y[2 * row], y[2 * row + 1]
        upper_dither, lower_dither, dither = _DITHER[2 * row & 7], _DITHER[2 * row + 1 & 7], _DITHER[row & 7]
        for column in range(u.shape[1]):
            left, right = 2 * column, 2 * column + 1
            at_u, at_v = np.uint32(u[row, column]), np.uint32(v[row, column])
            part_u, part_v = np.int32(at_u & np.uint32(7)), np.int32(at_v & np.uint32(7))
            weights = (np.int32(8) - max(part_u, part_v), abs(part_u - part_v), min(part_u, part_v))
            near = (at_u >> np.uint32(3)) * _U_STEP + (at_v >> np.uint32(3)) * _V_STEP
            side = near + (_U_STEP if part_u >= part_v else _V_STEP)
            nodes = (near, side, near + _U_STEP + _V_STEP)
            a, b = np.uint32(upper[left]), np.uint32(upper[right])
            c, d = np.uint32(lower[left]), np.uint32(lower[right])
            new_a = _mixed(entries, nodes, a, weights, upper_dither[left & 7])
            new_b = _mixed(entries, nodes, b, weights, upper_dither[right & 7])
            new_c = _mixed(entries, nodes, c, weights, lower_dither[left & 7])
            new_d = _mixed(entries, nodes, d, weights, lower_dither[right & 7])
            on_u = _PLANE + ((a + b + c + d + np.uint32(2)) >> np.uint32(2))
            on_v = _PLANE + on_u
            new_u = _mixed(entries, nodes, on_u, weights, dither[column & 7])
            new_v = _mixed(entries, nodes, on_v, weights, dither[column & 7])
            if (new_a | new_b | new_c | new_d | new_u | new_v) & ~np.int32(255):
                new_a, new_b, new_c, new_d = _code(new_a), _code(new_b), _code(new_c), _code(new_d)
                new_u, new_v = _code(new_u), _code(new_v)
            upper[left], upper[right], lower[left], lower[right] = new_a, new_b, new_c, new_d
            u[row, column], v[row, column] = new_u, new_v

"""Loops of the transitions, on one plane each; see `rendering/transitions.py`. Weights are 0…65536 for 0…1."""

from typing import Any

from numba import njit, types
from numpy.typing import NDArray

_PLANE = types.uint8[:, ::1]


@njit(types.void(_PLANE, _PLANE, types.int64, _PLANE), cache=True, nogil=True)
def mix(before: NDArray[Any], after: NDArray[Any], weight: int, out: NDArray[Any]) -> None:
    """Fill out = before · (1 − weight) + after · weight."""
    height, width = out.shape
    for row in range(height):
        for column in range(width):
            total = before[row, column] * (65536 - weight) + after[row, column] * weight
            out[row, column] = (total + 32768) >> 16


@njit(types.void(_PLANE, types.int64, types.int64, _PLANE), cache=True, nogil=True)
def dim(source: NDArray[Any], black: int, weight: int, out: NDArray[Any]) -> None:
    """Fill out = black + (source − black) · weight."""
    height, width = out.shape
    for row in range(height):
        for column in range(width):
            out[row, column] = black + (((source[row, column] - black) * weight + 32768) >> 16)


@njit(types.void(_PLANE, _PLANE, types.float64, _PLANE), cache=True, nogil=True)
def wipe(before: NDArray[Any], after: NDArray[Any], edge: float, out: NDArray[Any]) -> None:
    """Columns right of `edge` (in samples, 0 … width) show `after`, the column on the edge both."""
    height, width = out.shape
    for row in range(height):
        for column in range(width):
            share = min(max(column + 1 - edge, 0.0), 1.0)
            out[row, column] = int(before[row, column] * (1 - share) + after[row, column] * share + 0.5)


@njit(types.void(_PLANE, _PLANE, types.float64, _PLANE), cache=True, nogil=True)
def push(before: NDArray[Any], after: NDArray[Any], shift: float, out: NDArray[Any]) -> None:
    """`after` pushes `before` out to the left by `shift` samples (0 … width), to fractions of a sample."""
    height, width = out.shape
    whole = int(shift)
    part = shift - whole
    for row in range(height):
        for column in range(width):
            place = column + whole
            one = before[row, place] if place < width else after[row, place - width]
            place = min(place + 1, 2 * width - 1)
            two = before[row, place] if place < width else after[row, place - width]
            out[row, column] = int(one * (1 - part) + two * part + 0.5)

"""Loops of the two-pass resampler; see `rendering/resample.py`."""

from typing import Any

from numba import njit, types
from numpy.typing import NDArray

_PICTURE = types.Array(types.uint8, 2, "C", readonly=True)


@njit(
    types.void(_PICTURE, types.int64, types.int64[::1], types.float32[:, ::1], types.float32[:, ::1]),
    cache=True,
    nogil=True,
)
def resample_rows(
    source: NDArray[Any], first_row: int, starts: NDArray[Any], weights: NDArray[Any], out: NDArray[Any]
) -> None:
    """out[r, j] = Σ source[first_row + r, starts[j] + k] · weights[j, k]."""
    rows, columns = out.shape
    taps = weights.shape[1]
    for row in range(rows):
        line = source[first_row + row]
        for column in range(columns):
            start = starts[column]
            total = weights[column, 0] * line[start]
            for tap in range(1, taps):
                total += weights[column, tap] * line[start + tap]
            out[row, column] = total


@njit(
    types.void(types.float32[:, ::1], types.int64[::1], types.float32[:, ::1], types.uint8[:, ::1]),
    cache=True,
    nogil=True,
)
def resample_columns(rows: NDArray[Any], starts: NDArray[Any], weights: NDArray[Any], out: NDArray[Any]) -> None:
    """out[i, j] = Σ rows[starts[i] + k, j] · weights[i, k], rounded and clipped to 0…255."""
    height, width = out.shape
    taps = weights.shape[1]
    for row in range(height):
        start = starts[row]
        for column in range(width):
            total = weights[row, 0] * rows[start, column]
            for tap in range(1, taps):
                total += weights[row, tap] * rows[start + tap, column]
            total += types.float32(0.5)
            out[row, column] = types.uint8(min(max(total, types.float32(0.0)), types.float32(255.0)))

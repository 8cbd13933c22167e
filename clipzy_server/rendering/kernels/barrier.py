"""The loop of the minimum barrier distance; see `rendering/saliency.py`."""

from typing import Any

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

_PLANE = types.float32[:, ::1]


@njit(types.void(_PLANE, types.int64, _PLANE), cache=True, nogil=True)
def barrier_distance(plane: NDArray[Any], scans: int, out: NDArray[Any]) -> None:
    """Fill `out` with each place's distance to the border: the range of values on the best way there.

    Both float32[h, w]. Each of the `scans` goes over the picture once, in turn from its first and from its last place;
    ways are approximated by the best ones found so far.
    """
    height, width = plane.shape
    high, low = plane.copy(), plane.copy()
    for row in range(height):
        for column in range(width):
            border = row == 0 or column == 0 or row == height - 1 or column == width - 1
            out[row, column] = 0.0 if border else np.inf
    for scan in range(scans):
        back = scan % 2
        for place in range(height * width):
            at = height * width - 1 - place if back else place
            row, column = at // width, at % width
            for side in range(2):
                up = row + (2 * back - 1) * side
                left = column + (2 * back - 1) * (1 - side)
                if up < 0 or left < 0 or up >= height or left >= width:
                    continue
                highest = max(high[up, left], plane[row, column])
                lowest = min(low[up, left], plane[row, column])
                if highest - lowest < out[row, column]:
                    out[row, column] = highest - lowest
                    high[row, column], low[row, column] = highest, lowest

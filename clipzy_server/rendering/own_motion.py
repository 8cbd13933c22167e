"""What moves by itself, whatever the camera does?

The frames a moment before and after are laid over a frame by the measured motion of the camera. What differs from
both of them moved there: comparing with two sides leaves out the ground that a moving subject covers or uncovers.
"""

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter, map_coordinates

from clipzy_server.rendering.footage import Thumbs

_MOMENT_S = 0.3
_BLUR_PX = 0.8
# The camera's motion is known to about this; along edges that much of a shift explains a difference.
_UNCERTAIN_PX = 0.5
_GRAIN_LEVELS = 2.0

Map = npt.NDArray[np.float32]


def own_motion(thumbs: Thumbs, index: int) -> Map:
    """float32[h/2, w/2] ≥ 0, levels of luma: change at each place of frame `index` that the camera does not explain."""
    time_s = float(thumbs.times_s[index])
    here = _luma(thumbs, index)
    sides = [thumbs.index_at(time_s - _MOMENT_S), thumbs.index_at(time_s + _MOMENT_S)]
    changes = [_change(thumbs, here, index, side) for side in sides if side != index]
    if not changes:
        changes = [np.zeros_like(here)]
    height, width = thumbs.u.shape[1:]
    least = np.minimum.reduce(changes)[: 2 * height, : 2 * width]
    small = least.reshape(height, 2, width, 2).mean((1, 3))
    return np.asarray(gaussian_filter(np.maximum(small - 2 * np.median(small), 0), _BLUR_PX), np.float32)


def _change(thumbs: Thumbs, here: Map, index: int, other: int) -> Map:
    """float32[h, w]: how frame `other`, laid over frame `index`, differs from it; 0 where it shows nothing."""
    a, t = _camera(thumbs, index, other)
    height, width = here.shape
    rows, columns = np.mgrid[:height, :width]
    points = (columns - (width - 1) / 2) + 1j * (rows - (height - 1) / 2)
    found = a * points + t * np.hypot(height, width)
    at = np.stack([found.imag + (height - 1) / 2, found.real + (width - 1) / 2])
    inside = (at[0] >= 0) & (at[0] <= height - 1) & (at[1] >= 0) & (at[1] <= width - 1)
    laid = map_coordinates(_luma(thumbs, other), at, order=1, mode="nearest")
    slopes = np.hypot(*np.gradient(here))
    left = np.abs(laid - here) - _UNCERTAIN_PX * slopes - _GRAIN_LEVELS
    return np.asarray(np.where(inside, np.maximum(left, 0), 0), np.float32)


def _camera(thumbs: Thumbs, index: int, other: int) -> tuple[complex, complex]:
    """(a, t) so that what frame `index` shows at p, diagonals from the centre, frame `other` shows at a · p + t."""
    a, t = complex(1), complex(0)
    if thumbs.motion is None:
        return a, t
    first, last = min(index, other), max(index, other)
    for row in thumbs.motion[first + 1 : last + 1]:
        step = np.exp(complex(row[2], row[3]))
        a, t = step * a, step * t + complex(row[0], row[1])
    return (a, t) if other > index else (1 / a, -t / a)


def _luma(thumbs: Thumbs, index: int) -> Map:
    return np.asarray(gaussian_filter(thumbs.y[index].astype(np.float32), _BLUR_PX), np.float32)

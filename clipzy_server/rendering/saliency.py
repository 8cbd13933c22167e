"""Where in a small picture does the eye go? To what differs in colour from the rest, and to what moves by itself.

Frequency-tuned saliency (Achanta, Hemami, Estrada, Süsstrunk 2009: distance of the blurred colour to the mean colour),
plus what moves against the camera.
"""

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from clipzy_server.rendering.footage import Thumbs
from clipzy_server.rendering.own_motion import own_motion

_BLUR_PX = 0.8
_MOTION_WEIGHT = 1.0
# What is less conspicuous than this many times the picture's mean is taken for background.
_BACKGROUND = 1.5

Map = npt.NDArray[np.float32]


def saliency(thumbs: Thumbs, index: int) -> Map:
    """float32[h/2, w/2] ≥ 0: how conspicuous each place of frame `index` is; all 0 for an even picture."""
    colours = _colours(thumbs, index)
    step = [gaussian_filter(plane, _BLUR_PX) - plane.mean() for plane in colours]
    strange = np.sqrt(np.square(np.stack(step)).sum(0))
    moved = own_motion(thumbs, index)
    total = _relative(strange) + _MOTION_WEIGHT * _relative(moved) * _moving(moved)
    return np.asarray(np.maximum(total - _BACKGROUND * total.mean(), 0), np.float32)


def _relative(values: Map) -> Map:
    mean = float(values.mean())
    return np.asarray(values / mean, np.float32) if mean > 0.5 else np.zeros_like(values)


def _moving(moved: Map) -> float:
    """0…1: how far the change is more than grain."""
    return float(np.clip((np.percentile(moved, 99) - 4) / 20, 0, 1))


def _colours(thumbs: Thumbs, index: int) -> npt.NDArray[np.float32]:
    """float32[3, h/2, w/2]: luma and colour differences, colour weighing more than luma."""
    u = thumbs.u[index].astype(np.float32)
    v = thumbs.v[index].astype(np.float32)
    height, width = u.shape
    y = thumbs.y[index, : 2 * height, : 2 * width].astype(np.float32)
    y = y.reshape(height, 2, width, 2).mean((1, 3), dtype=np.float32)
    return np.stack([y, 1.5 * u, 1.5 * v])

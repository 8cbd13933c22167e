"""Where in a small picture does the eye go? To what stands out from its borders, and to what moves by itself.

What stands out (Zhang, Sclaroff, Lin, Shen, Price, Měch, "Minimum Barrier Salient Object Detection at 80 FPS", 2015):
places that cannot be reached from the picture's border without a change of colour, and colours that are strange to
most of its four borders. Sky, walls and grass reach the border and count for nothing, however bright they are.
"""

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from clipzy_server.rendering.footage import Thumbs
from clipzy_server.rendering.kernels.barrier import barrier_distance
from clipzy_server.rendering.own_motion import own_motion

_BLUR_PX = 0.8
_SCANS = 4
# Borders are this share of the picture's shorter side deep.
_BORDER_SHARE = 0.1
_GRAIN_LEVELS = 4.0
# Less contrast than this (levels) in the whole picture makes nothing stand out fully.
_CONTRAST_LEVELS = 40.0
_SCATTER = 3.0
# A motion of so many levels counts half of the most that motion counts.
_HALF_MOTION_LEVELS = 3.0
_MOTION_WEIGHT = 3.0
# What is less conspicuous than this many times the picture's mean is taken for background.
_BACKGROUND = 1.5

Map = npt.NDArray[np.float32]


def saliency(thumbs: Thumbs, index: int) -> Map:
    """float32[h/2, w/2] ≥ 0: how conspicuous each place of frame `index` is; all 0 for an even picture."""
    colours = _colours(thumbs, index)
    moved = own_motion(thumbs, index)
    total = _enclosed(colours) + _strange(colours) + _MOTION_WEIGHT * moved / (moved + _HALF_MOTION_LEVELS)
    return np.asarray(np.maximum(total - _BACKGROUND * total.mean(), 0), np.float32)


def _enclosed(colours: Map) -> Map:
    """0…1: the barrier between each place and the border, relative to the picture's highest."""
    total = np.zeros(colours.shape[1:], np.float32)
    for plane in colours:
        distance = np.empty_like(plane)
        barrier_distance(np.ascontiguousarray(plane), _SCANS, distance)
        total += distance
    total = np.maximum(total - _GRAIN_LEVELS * len(colours), 0)
    return np.asarray(total / max(float(total.max()), _CONTRAST_LEVELS), np.float32)


def _strange(colours: Map) -> Map:
    """0…1: how far from the colours of the four borders, the border it is strangest to left out."""
    _, height, width = colours.shape
    depth = max(1, round(_BORDER_SHARE * min(height, width)))
    pixels = colours.reshape(3, -1)
    distances = []
    for border in (colours[:, :depth], colours[:, -depth:], colours[:, :, :depth], colours[:, :, -depth:]):
        known = border.reshape(3, -1)
        spread = np.cov(known) + np.eye(3) * _GRAIN_LEVELS**2
        off = pixels - known.mean(axis=1, keepdims=True)
        distances.append(np.sqrt(np.einsum("ij,ij->j", off, np.linalg.solve(spread, off))))
    stack = np.array([distance / max(float(distance.max()), _SCATTER) for distance in distances])
    strange = (stack.sum(axis=0) - stack.max(axis=0)) / 3
    return np.asarray(strange.reshape(height, width), np.float32)


def _colours(thumbs: Thumbs, index: int) -> Map:
    """float32[3, h/2, w/2]: luma and colour differences, colour weighing more than luma, without grain."""
    u = thumbs.u[index].astype(np.float32)
    v = thumbs.v[index].astype(np.float32)
    height, width = u.shape
    y = thumbs.y[index, : 2 * height, : 2 * width].astype(np.float32)
    y = y.reshape(height, 2, width, 2).mean((1, 3), dtype=np.float32)
    planes = [gaussian_filter(plane, _BLUR_PX) for plane in (y, 1.5 * u, 1.5 * v)]
    return np.asarray(np.stack(planes), np.float32)

"""How much is each frame of the footage worth showing? Sharp, steady, lit, and people in it.

Everything is judged against the rest of its own shot: a soft picture is not worth less for being soft, but a blurred
moment in a sharp one is. 1 is a usual frame, 0 one that is no loss, less than 0 one that is better not shown.
"""

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter1d

from clipzy_server.rendering.footage import Thumbs
from clipzy_server.rendering.scenes import Scene

# Sharpness below this share of what the shot usually has (its upper quartile) is a blur; octaves below count.
_BLURRED_SHARE = 0.7
_BLUR_WEIGHT = 1.2
# Diagonals per second beside the camera's smooth way: a hand is below, a knock above.
_SHAKEN_SPEED = 0.08
_SHAKE_WEIGHT = 8.0
_STEADY_S = 0.5
# Luma at which a picture is as good as black, or as white.
_DARK_LEVEL, _BRIGHT_LEVEL = 26.0, 228.0
_UNLIT_WEIGHT = 2.0
# Chroma of skin in 8-bit BT.709; it says little by itself and so it counts little.
_SKIN_U, _SKIN_V = (96, 124), (136, 166)
_SKIN_SHARE = 0.06
_SKIN_WEIGHT = 0.2
_LEAST, _MOST = -1.0, 1.2
_EVERY_S = 0.05

Values = npt.NDArray[np.float64]


class Worth:
    """Sums of worth over stretches of footage."""

    def __init__(self, thumbs: Thumbs, scenes: tuple[Scene, ...]) -> None:
        times_s = np.arange(0.0, float(scenes[-1].end_s) + _EVERY_S, _EVERY_S)
        worth = np.ones(len(times_s))
        frames = np.array([thumbs.index_at(float(at)) for at in times_s])
        for scene in scenes:
            inside = (times_s >= float(scene.start_s)) & (times_s < float(scene.end_s))
            first, end = thumbs.index_at(float(scene.start_s)), thumbs.index_at(float(scene.end_s)) + 1
            if inside.any():
                worth[inside] = frame_worth(thumbs, first, end)[np.clip(frames[inside] - first, 0, end - first - 1)]
        self._edges_s = np.append(times_s, times_s[-1] + _EVERY_S)
        self._summed = np.concatenate([[0.0], np.cumsum(worth) * _EVERY_S])

    def of(self, start_s: float, end_s: float) -> float:
        """Worth times seconds from `start_s` to `end_s`."""
        one, two = np.interp((start_s, end_s), self._edges_s, self._summed)
        return float(two - one)


def frame_worth(thumbs: Thumbs, first: int, end: int) -> Values:
    """float64[end − first], −1…1.2: the frames of one shot."""
    worth = np.ones(end - first)
    if thumbs.sharpness is not None:
        sharp = np.asarray(thumbs.sharpness[first:end], np.float64)
        usual = max(float(np.quantile(sharp, 0.75)), 1e-6)
        worth -= _BLUR_WEIGHT * np.maximum(0.0, np.log2(_BLURRED_SHARE * usual / np.maximum(sharp, 1e-3 * usual)))
    worth -= _SHAKE_WEIGHT * np.maximum(0.0, _shake(thumbs, first, end) - _SHAKEN_SPEED)
    light = np.array([thumbs.y[index].mean() for index in range(first, end)])
    if np.median(light) > _DARK_LEVEL and np.median(light) < _BRIGHT_LEVEL:
        worth[(light < _DARK_LEVEL) | (light > _BRIGHT_LEVEL)] -= _UNLIT_WEIGHT
    skin = np.array([_skin(thumbs, index) for index in range(first, end)])
    worth += _SKIN_WEIGHT * np.clip((skin - np.median(skin)) / _SKIN_SHARE, -1, 1)
    return np.clip(worth, _LEAST, _MOST)


def _shake(thumbs: Thumbs, first: int, end: int) -> Values:
    """Diagonals per second beside the smooth way of the camera, averaged over a quarter of a second."""
    if thumbs.motion is None or end - first < 3:
        return np.zeros(end - first)
    steps_s = np.diff(thumbs.times_s[first:end], prepend=thumbs.times_s[first] - 0.04)
    step_s = max(float(np.median(steps_s)), 1e-3)
    speeds = np.asarray(thumbs.motion[first:end, :2], np.float64) / step_s
    speeds[0] = speeds[1]
    smooth = uniform_filter1d(speeds, max(1, round(_STEADY_S / step_s)), axis=0, mode="nearest")
    beside = np.hypot(*(speeds - smooth).T)
    return np.asarray(uniform_filter1d(beside, max(1, round(_STEADY_S / 2 / step_s)), mode="nearest"))


def _skin(thumbs: Thumbs, index: int) -> float:
    u, v = thumbs.u[index], thumbs.v[index]
    inside = (u >= _SKIN_U[0]) & (u <= _SKIN_U[1]) & (v >= _SKIN_V[0]) & (v <= _SKIN_V[1])
    return float(inside.mean())

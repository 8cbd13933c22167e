"""How does a crop window follow the subject of one shot, calmly and without ever leaving the picture?

The window spans the whole picture in one direction and moves in the other. Its way is the cheapest path through the
saliency of the shot's moments (dynamic programming, movement costs), smoothed by a spline with a penalty on the second
difference (Whittaker 1923), and limited in speed. A path that hardly moves becomes a still crop.
"""

from fractions import Fraction

import numpy as np
import numpy.typing as npt
from scipy.linalg import solveh_banded

from clipzy_server.domain.plan import CropKey
from clipzy_server.rendering.footage import Thumbs
from clipzy_server.rendering.saliency import saliency

_MOMENT_S = 0.2
# Speed limit: shares of the window's moving side per output frame.
_FASTEST_SHARE = 0.014
# Below this share of the window's side the whole way is not worth moving for.
_STILL_SHARE = 0.08
_STIFFNESS = 20.0
_MOVE_COST = 0.05

Path = npt.NDArray[np.float64]


def largest_window(width_px: float, height_px: float, ratio: float) -> tuple[float, float]:
    """(width, height) in px of the largest window of a ratio inside a picture."""
    return min(width_px, height_px * ratio), min(height_px, width_px / ratio)


class CropPlanner:
    """Windows of one size inside pictures of one size, both (width, height) in px as displayed."""

    def __init__(
        self, picture: tuple[float, float], window: tuple[float, float], rate: Fraction, thumbs: Thumbs | None
    ) -> None:
        self._picture = picture
        self._window = window
        self._rate = float(rate)
        self._thumbs = thumbs

    def path(self, start_s: float, end_s: float) -> tuple[CropKey, ...]:
        """The window's way over the footage from `start_s` to `end_s`; one key when it stays."""
        room = [self._picture[axis] - self._window[axis] for axis in (0, 1)]
        axis = int(room[1] > room[0])
        if self._thumbs is None or room[axis] < 2:
            return (self._key(start_s, axis, room[axis] / 2),)
        moments_s = np.linspace(start_s, end_s, max(2, round((end_s - start_s) / _MOMENT_S) + 1))
        scores = self._scores(self._thumbs, moments_s, axis)
        places = _cheapest_way(scores) * room[axis] / (scores.shape[1] - 1)
        side = self._window[axis]
        if np.ptp(places) <= _STILL_SHARE * side:
            return (self._key(start_s, axis, float(np.median(places))),)
        step_s = float(moments_s[1] - moments_s[0])
        smooth = _limited(_smoothed(places, _STIFFNESS), _FASTEST_SHARE * side * self._rate * step_s)
        smooth = np.clip(smooth, 0, room[axis])
        return tuple(self._key(at, axis, place) for at, place in zip(moments_s, smooth, strict=True))

    def _key(self, time_s: float, axis: int, offset_px: float) -> CropKey:
        centred = [(self._picture[side] - self._window[side]) / 2 for side in (0, 1)]
        centred[axis] = offset_px
        return CropKey(float(time_s), float(centred[0]), float(centred[1]), self._window[0], self._window[1])

    def _scores(self, thumbs: Thumbs, moments_s: Path, axis: int) -> Path:
        """float64[moments, places]: conspicuous mass in the window, the middle counting most, relative to all of it.

        Moments with less to see than the shot's mean say less.
        """
        maps = (saliency(thumbs, thumbs.index_at(float(moment_s))) for moment_s in moments_s)
        profiles = np.array([one.sum(axis=axis, dtype=np.float64) for one in maps])
        size = max(3, round(profiles.shape[1] * self._window[axis] / self._picture[axis]))
        fade = np.hanning(size + 2)[1:-1]
        mass = profiles.sum(axis=1)
        weights = np.maximum(mass, max(float(mass.mean()), 1e-9))
        rows = [np.correlate(profile, fade, mode="valid") for profile in profiles]
        return np.asarray(np.array(rows) / weights[:, None], np.float64)


def _cheapest_way(scores: Path) -> Path:
    """For each moment the place (index, with a fraction) on the path of highest score less movement."""
    count, size = scores.shape
    places = np.arange(size)
    cost = _MOVE_COST * np.abs(places[:, None] - places[None, :]) * (48 / max(size, 48))
    best, origins = scores[0], np.zeros((count, size), np.int64)
    for moment in range(1, count):
        total = best[None, :] - cost
        origins[moment] = total.argmax(1)
        best = total.max(1) + scores[moment]
    way = np.zeros(count, np.int64)
    way[-1] = int(best.argmax())
    for moment in range(count - 1, 0, -1):
        way[moment - 1] = origins[moment, way[moment]]
    return np.array([_peak(scores[moment], int(place)) for moment, place in enumerate(way)])


def _peak(row: Path, place: int) -> float:
    """The vertex of the parabola through a place and its neighbours when it is a maximum."""
    if not 0 < place < len(row) - 1:
        return float(place)
    left, middle, right = row[place - 1 : place + 2]
    bend = left - 2 * middle + right
    return place + float(np.clip((left - right) / (2 * bend), -0.5, 0.5)) if bend < 0 else float(place)


def _smoothed(values: Path, stiffness: float) -> Path:
    """Minimum of Σ(x − value)² + stiffness · Σ(second difference)²; straight lines stay as they are."""
    count = len(values)
    if count < 4:
        return np.linspace(values[0], values[-1], count)
    second = np.diff(np.eye(min(count, 5)), 2, axis=0)
    bands = np.zeros((3, count))
    for first in range(count - 2):
        bands[2, first : first + 3] += stiffness * second[0, :3] ** 2
        bands[1, first + 1] += stiffness * second[0, 0] * second[0, 1]
        bands[1, first + 2] += stiffness * second[0, 1] * second[0, 2]
        bands[0, first + 2] += stiffness * second[0, 0] * second[0, 2]
    bands[2] += 1
    return np.asarray(solveh_banded(bands, values))


def _limited(values: Path, step: float) -> Path:
    """The mean of the two closest paths from either end whose steps are at most `step`."""
    return (_followed(values, step) + _followed(values[::-1], step)[::-1]) / 2


def _followed(values: Path, step: float) -> Path:
    result = values.copy()
    for place in range(1, len(result)):
        result[place] = np.clip(values[place], result[place - 1] - step, result[place - 1] + step)
    return result

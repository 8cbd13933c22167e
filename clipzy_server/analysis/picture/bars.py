"""Which part of the frame shows a picture, and which are the bars of a letterbox, a pillarbox or both?

A bar is dark, even all along, there whenever the frame shows anything, and the same on both sides of the picture; and
the picture begins beside it all along, which tells it from the dark around a spotlight or a title.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from clipzy_server.analysis.picture.features import Features
from clipzy_server.analysis.picture.kernels.lines import count_above, measure_range
from clipzy_server.domain.analysis import ActivePicture

Profile = npt.NDArray[np.float64]

# A bar's luma and how far it may vary, levels.
_DARKEST, _EVEN = 60, 12
# A frame counts when it has pixels brighter than a bar by this much.
_LIT = 24
# A bar is one in so many of the frames that count, whatever fades in front of it.
_ALWAYS = 0.95
# So much of the line beside a bar is picture, in the mean.
_ALONG = 0.3
# Both bars of a pair are alike to so many lines of the reduced picture, or to a share of their size.
_PAIR_PX, _PAIR_SHARE = 2, 0.15
_SMALLEST_PICTURE = 0.25
# So many frames all over a video tell where its bars are.
_LOOKED_AT = 256


@dataclass(slots=True)
class _Lines:
    """Sums over frames for the lines of one direction: how often they were even and dark, how much of them was lit."""

    dark: Profile
    lit: Profile

    @classmethod
    def of(cls, count: int) -> "_Lines":
        return cls(np.zeros(count), np.zeros(count))

    def add(self, extent: npt.NDArray[np.float32], lit: npt.NDArray[np.float64]) -> None:
        """Take the lines of a picture that counts: lowest and highest of each, float32[2, n], and how much is lit."""
        low, high = extent
        self.dark += (high <= _DARKEST) & (high - low <= _EVEN)
        self.lit += lit

    def inside(self, frames: int) -> tuple[int, int]:
        """First line of the picture and the end of it."""
        count = len(self.dark)
        is_bar = self.dark >= _ALWAYS * frames
        shown = np.flatnonzero(~is_bar)
        if len(shown) < _SMALLEST_PICTURE * count:
            return 0, count
        first, end = int(shown[0]), int(shown[-1]) + 1
        before, after = first, count - end
        alike = abs(before - after) <= max(_PAIR_PX, _PAIR_SHARE * max(before, after))
        beside = min(self.lit[min(first + 1, count - 1)], self.lit[max(end - 2, 0)])
        return (first, end) if before and after and alike and beside >= _ALONG * frames else (0, count)


class BarMeter:
    """Of one video, from its reduced pictures. Memory does not grow with its length."""

    def __init__(self) -> None:
        self._frames = 0
        self._rows = self._columns = _Lines.of(0)

    def push(self, luma: npt.NDArray[np.float32]) -> None:
        """Take the luma float32[h, w], 0…255, of a frame; all are of one size."""
        if not len(self._rows.dark):
            self._rows, self._columns = (_Lines.of(side) for side in luma.shape)
        height, width = luma.shape
        rows, columns = np.empty((2, height), np.float32), np.empty((2, width), np.float32)
        measure_range(luma, rows, columns)
        darkest = rows[0].min()
        if rows[1].max() - darkest < _LIT:
            return
        lit_rows, lit_columns = np.empty(height, np.int32), np.empty(width, np.int32)
        count_above(luma, darkest + _LIT, lit_rows, lit_columns)
        self._frames += 1
        self._rows.add(rows, lit_rows / width)
        self._columns.add(columns, lit_columns / height)

    def active(self, width_px: int, height_px: int) -> ActivePicture:
        """The picture inside the bars, px of a frame of that size; all of it where there are none.

        As exact as the reduced pictures; the line that may hold bar and picture is left out.
        """
        if not self._frames:
            return ActivePicture(0, 0, width_px, height_px)
        top, bottom = _scaled(self._rows.inside(self._frames), len(self._rows.dark), height_px)
        left, right = _scaled(self._columns.inside(self._frames), len(self._columns.dark), width_px)
        return ActivePicture(left, top, right - left, bottom - top)


def without_bars(features: Features) -> Features:
    """The features of the picture inside the bars: what never changes says nothing about shots.

    Thumbnails are cut to even edges; motion stays what it was in px, as shares of the smaller diagonal.
    """
    count, height, width = features.thumb_y.shape
    bars = BarMeter()
    for frame in np.unique(np.linspace(0, count - 1, min(count, _LOOKED_AT)).astype(int)):
        bars.push(features.thumb_y[frame].astype(np.float32))
        features.let_go()
    seen = bars.active(width // 2, height // 2)
    if (seen.width, seen.height) == (width // 2, height // 2):
        return features
    rows, columns = slice(seen.top, seen.top + seen.height), slice(seen.left, seen.left + seen.width)
    fine = slice(2 * rows.start, 2 * rows.stop), slice(2 * columns.start, 2 * columns.stop)
    motion = np.array(features.motion)
    motion[:, :2] *= np.hypot(height, width) / np.hypot(2 * seen.height, 2 * seen.width)
    return replace(
        features,
        thumb_y=features.thumb_y[:, *fine],
        thumb_u=features.thumb_u[:, rows, columns],
        thumb_v=features.thumb_v[:, rows, columns],
        motion=motion,
    )


def _scaled(inside: tuple[int, int], count: int, size_px: int) -> tuple[int, int]:
    """Lines of the reduced picture as px, the outermost left out where there is a bar."""
    first, end = inside
    step = size_px / count
    if step > 1 and (first, end) != (0, count):
        first, end = first + 1, end - 1
    return round(first * step), round(end * step)

"""Frames between frames: where rates differ and little moves, two neighbours are mixed by their nearness in time.

What moves far between two frames would be seen twice in a mixture; there the nearest frame is shown as it is.
"""

from fractions import Fraction

import numpy as np

from clipzy_server.media.frames import Frame, Plane
from clipzy_server.rendering.frame_choice import FramePicker
from clipzy_server.rendering.kernels.transitions import mix

# Nearer to a frame than this share of the interval, the frame itself is shown.
_NEAR_SHARE = Fraction(1, 8)
# Mean difference of luma, levels, of neighbours between which too much moves; judged on every eighth row and column.
_MOST_LEVELS = 6.0
_EVERY = 8
_ONE = 65536


class BlendingPicker(FramePicker):
    """A `FramePicker` that mixes."""

    def at(self, time_s: Fraction, end_s: Fraction | None) -> Frame:
        """The frame for a time; a mixture where the time lies between two frames that differ little."""
        nearest = super().at(time_s, end_s)
        earlier, later = self.neighbours(time_s)
        if earlier is None or later is None or (end_s is not None and later.time_s >= end_s):
            return nearest
        share = (time_s - earlier.time_s) / (later.time_s - earlier.time_s)
        if not _NEAR_SHARE < share < 1 - _NEAR_SHARE or _difference(earlier, later) > _MOST_LEVELS:
            return nearest
        return _mixed(earlier, later, share)


def _difference(one: Frame, other: Frame) -> float:
    thinned = [frame.y[::_EVERY, ::_EVERY].astype(np.int16) for frame in (one, other)]
    return float(np.abs(thinned[0] - thinned[1]).mean())


def _mixed(earlier: Frame, later: Frame, share: Fraction) -> Frame:
    def mixed(one: Plane, other: Plane) -> Plane:
        made = np.empty_like(one)
        mix(one, other, round(share * _ONE), made)
        return made

    time_s = earlier.time_s + share * (later.time_s - earlier.time_s)
    return Frame(time_s, mixed(earlier.y, later.y), mixed(earlier.u, later.u), mixed(earlier.v, later.v))

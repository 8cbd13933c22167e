"""Which window of the footage does a segment show at one of its frames? Its crop path, narrowed by its zoom."""

import math

import numpy as np

from clipzy_server.domain.analysis import ActivePicture
from clipzy_server.domain.plan import OutputFormat, Segment
from clipzy_server.rendering.easing import ease
from clipzy_server.rendering.resample import Window


class Framing:
    """The windows of one segment inside a picture of `width_px` × `height_px` as displayed."""

    def __init__(self, segment: Segment, output: OutputFormat, width_px: int, height_px: int) -> None:
        self._segment = segment
        self._picture = (width_px, height_px)
        keys = segment.crop
        self._times_s = np.array([key.time_s for key in keys])
        self._keys = np.array([(key.x, key.y, key.width, key.height) for key in keys])
        same_scale = (keys[0].width, keys[0].height) == (output.width, output.height)
        if len(keys) == 1 and same_scale and segment.zoom is None:
            # Whole even pixels can be copied; a still window loses nothing by it.
            self._keys[:, :2] = np.floor(self._keys[:, :2] / 2) * 2

    def window(self, time_s: float, number: int) -> Window:
        """The window for footage time `time_s` at output frame `number` of the whole video."""
        x, y, width, height = (np.interp(time_s, self._times_s, column) for column in self._keys.T)
        scale = self._scale(number)
        left = x + width / 2 * (1 - 1 / scale)
        top = y + height / 2 * (1 - 1 / scale)
        width, height = width / scale, height / scale
        left = min(max(left, 0.0), self._picture[0] - width)
        top = min(max(top, 0.0), self._picture[1] - height)
        return Window(float(left), float(top), float(width), float(height))

    def _scale(self, number: int) -> float:
        zoom, segment = self._segment.zoom, self._segment
        if zoom is None:
            return 1.0
        progress = (number - segment.first_frame) / max(1, segment.frame_count - 1)
        return zoom.start_scale + (zoom.end_scale - zoom.start_scale) * ease(zoom.easing, progress)


def shown_area(active: ActivePicture | None, window: Window, output: OutputFormat) -> tuple[slice, slice]:
    """Rows and columns of the output, from and to even ones, in which the active picture of the footage is seen."""
    if active is None:
        return slice(0, output.height), slice(0, output.width)
    rows = _shown(active.top - window.y, active.height, output.height / window.height, output.height)
    return rows, _shown(active.left - window.x, active.width, output.width / window.width, output.width)


def _shown(start_px: float, length_px: float, scale: float, size_px: int) -> slice:
    first = 2 * math.floor(start_px * scale / 2)
    end = 2 * math.ceil((start_px + length_px) * scale / 2)
    return slice(min(max(first, 0), size_px), min(max(end, 0), size_px))

"""Watches a video for words while it is decoded for other reasons.

Every quarter of a second a reduced picture is compared with those before it. What lies over a picture stands still, so
edges that stay where they are for half a second and were not there before are a reason to look; only then, and only
there, the networks run. How much they may look at is limited by the length of what was seen, so that the cost is.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

import numpy as np
from scipy import ndimage

from clipzy_server.analysis.words.find_lines import Area, find_lines
from clipzy_server.analysis.words.ink import Bytes, measure_ink
from clipzy_server.analysis.words.kernels.strokes import age, count_new
from clipzy_server.analysis.words.marks import Line, Mark
from clipzy_server.analysis.words.networks import Picture
from clipzy_server.analysis.words.read_line import Reading, read_line
from clipzy_server.analysis.words.samples import Mask, Sample, reduced, steady
from clipzy_server.media.frames import Frame
from clipzy_server.media.threads import WrittenBehind

STEP_S = 0.25
# Frames wait while the networks run, so that nothing else does.
_WAITING_FRAMES = 4
# What the networks may look at: px of reduced pictures, at first and more with every second.
_FIRST_ALLOWANCE_PX, _ALLOWANCE_PX_PER_S, _MOST_ALLOWANCE_PX = 300_000, 28_000, 400_000
# Reading a px of a line costs as much as finding in so many.
_READING_COSTS = 2.5
_KEPT_SAMPLES = 16
_CELL_HEIGHT_PX, _CELL_WIDTH_PX, _CELL_EDGES = 8, 16, 20
_LEAST_CELLS = 3
# Cells of one line of words, rows and columns: between two of them another one may be missing.
_NEAR_CELLS = np.ones((3, 5), bool)
_MARGIN_PX, _SIDE_MARGIN_PX = 20, 64
# Edges that were looked at are known until they were not steady for so many samples.
_FORGOTTEN = 4
_LEAST_STROKES = 0.06
_GROWING, _LONGEST_WAIT = 1.15, 2
_SAME_PLACE, _MORE = 0.5, 1.25
# A reading counts by the mean probability of its letters, shorter ones need more.
_SURE, _SURE_OF_FEW, _FEW_LETTERS = 0.75, 0.88, 4
_PLAIN_LEVELS, _PLAIN_SHARE = 8.0, 0.96


class WordWatch:
    """Of one video. Memory does not grow with its length. `also` is shown the luma of every reduced picture."""

    def __init__(self, also: Callable[[Picture], None] | None = None) -> None:
        self._also = also
        self._recent: deque[Sample] = deque(maxlen=_KEPT_SAMPLES)
        self._luma: Picture
        self._next_s = 0.0
        self._unsteady_for = np.zeros((0, 0), np.uint8)
        self._marks: list[Mark] = []
        self._lines: list[Line] = []
        self._allowance_px = float(_FIRST_ALLOWANCE_PX)
        self._waited_for = 0
        self._edges_waiting = 0
        self._steps = self._refused = 0

    def watching(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """The same frames; those that are looked at are so by a thread, done with all when the frames end."""
        with WrittenBehind(self._see, _WAITING_FRAMES) as looked_at:
            for frame in frames:
                if float(frame.time_s) >= self._next_s:
                    self._next_s = (float(frame.time_s) // STEP_S + 1) * STEP_S
                    looked_at.put(frame)
                yield frame

    def lines(self) -> list[Line]:
        """All lines of words in the order of their beginning; call it after the last frame."""
        return sorted([*self._lines, *(mark.line() for mark in self._marks)], key=lambda line: line.start_s)

    @property
    def watched(self) -> float:
        """Share of the time, 0…1, in which the networks were allowed to look where there was a reason."""
        return 1 - self._refused / max(1, self._steps)

    def _see(self, frame: Frame) -> None:
        self._luma = reduced(frame)
        sample = Sample.of(frame, self._luma)
        if self._also is not None:
            self._also(self._luma)
        if self._recent:
            step_s = sample.time_s - self._recent[-1].time_s
            self._allowance_px = min(_MOST_ALLOWANCE_PX, self._allowance_px + _ALLOWANCE_PX_PER_S * step_s)
            self._follow(sample)
        else:
            self._unsteady_for = np.full(sample.size, _FORGOTTEN, np.uint8)
        self._recent.append(sample)
        self._steps += 1
        if len(self._recent) >= 3:
            strokes = steady(self._recent[-3], self._recent[-2], sample)
            age(strokes, self._unsteady_for, _FORGOTTEN)
            parts = self._reasons_to_look(strokes)
            if parts:
                self._edges_waiting = 0
                self._look(frame, strokes, parts)

    def _follow(self, sample: Sample) -> None:
        for mark in self._marks:
            mark.follow(sample)
        for mark in [mark for mark in self._marks if mark.is_gone]:
            self._lines.append(mark.line())
            self._marks.remove(mark)
            # The next words may stand just there.
            self._unsteady_for[mark.area.slices] = _FORGOTTEN

    def _reasons_to_look(self, strokes: Mask) -> list[Area]:
        """The parts of the picture where enough edges stand still that are not known yet."""
        height, width = strokes.shape
        cells = np.empty((-(-height // _CELL_HEIGHT_PX), -(-width // _CELL_WIDTH_PX)), np.int32)
        count_new(strokes, self._unsteady_for, _FORGOTTEN, cells)
        is_new = cells >= _CELL_EDGES
        if is_new.sum() < _LEAST_CELLS:
            return []
        groups, count = ndimage.label(ndimage.binary_dilation(is_new, _NEAR_CELLS))
        groups[~is_new] = 0
        enough = np.bincount(groups[is_new], minlength=count + 1) >= _LEAST_CELLS
        if not enough.any() or self._still_grows(int(cells[is_new & enough[groups]].sum())):
            return []
        found = ndimage.find_objects(groups)
        return _apart(
            [
                Area(
                    max(0, columns.start * width // cells.shape[1] - _SIDE_MARGIN_PX),
                    max(0, rows.start * height // len(cells) - _MARGIN_PX),
                    min(width, -(-columns.stop * width // cells.shape[1]) + _SIDE_MARGIN_PX),
                    min(height, -(-rows.stop * height // len(cells)) + _MARGIN_PX),
                )
                for (rows, columns), counts in zip(found, enough[1:], strict=True)
                if counts
            ]
        )

    def _still_grows(self, count: int) -> bool:
        """Words that fade in are looked at when they are there; but nobody waits for long."""
        grows = count > _GROWING * self._edges_waiting and self._waited_for < _LONGEST_WAIT
        self._edges_waiting = count
        self._waited_for = self._waited_for + 1 if grows else 0
        return grows

    def _look(self, frame: Frame, strokes: Mask, parts: list[Area]) -> None:
        size_px = sum(part.width * part.height for part in parts)
        if self._allowance_px < size_px:
            self._refused += 1
            return
        self._allowance_px -= size_px
        lines = [area for part in parts for area in find_lines(self._luma, part)]
        found = [area for area in lines if not self._is_known(area)]
        on_plain = _is_plain(self._luma, found)
        for area in found:
            if strokes[area.slices].mean() >= _LEAST_STROKES:
                mark = self._read(frame, strokes, area, on_plain)
                if mark is not None:
                    mark.begin(self._recent)
                    self._marks = [old for old in self._marks if old.area.overlap(area) < _SAME_PLACE]
                    self._marks.append(mark)
        for part in parts:
            seen = ndimage.binary_dilation(strokes[part.slices])
            self._unsteady_for[part.slices][seen] = 0

    def _is_known(self, area: Area) -> bool:
        """Whether a line that is followed takes up this place; not where more of a line is seen now."""
        over = [mark.area for mark in self._marks if area.overlap(mark.area) >= _SAME_PLACE]
        return any(area.width < _MORE * known.width for known in over)

    def _read(self, frame: Frame, strokes: Mask, area: Area, on_plain: bool) -> Mark | None:
        """The line as a mark, or None where nothing can be read."""
        scale = self._recent[-1].factor
        rows, columns = slice(area.top * scale, area.bottom * scale), slice(area.left * scale, area.right * scale)
        luma = np.ascontiguousarray(frame.y[rows, columns])
        self._allowance_px -= _READING_COSTS * 48 * 48 * area.width / area.height
        reading = read_line(luma)
        if not _is_trusted(reading):
            return None
        u, v = (_enlarged(plane, rows, columns) for plane in (frame.u, frame.v))
        return Mark(area, strokes, reading, measure_ink(luma, u, v, frame.step), on_plain=on_plain)


def _apart(areas: list[Area]) -> list[Area]:
    """The same, those that overlap as one."""
    joined: list[Area] = []
    for area in areas:
        whole = area
        while touched := [other for other in joined if whole.overlap(other) > 0]:
            joined = [other for other in joined if other not in touched]
            whole = whole.with_others(touched)
        joined.append(whole)
    return joined


def _is_trusted(reading: Reading) -> bool:
    least = _SURE if reading.letters >= _FEW_LETTERS else _SURE_OF_FEW
    return reading.letters >= 2 and reading.confidence >= least


def _is_plain(luma: Picture, lines: list[Area]) -> bool:
    """Whether outside the lines there is hardly anything but one even tone."""
    height, width = luma.shape
    outside = np.ones((height, width), bool)
    for line in lines:
        outside[line.grown(line.height, height, width).slices] = False
    rest = luma[outside]
    return len(rest) > 0 and bool(np.mean(np.abs(rest - np.median(rest)) < _PLAIN_LEVELS) >= _PLAIN_SHARE)


def _enlarged(plane: Bytes, rows: slice, columns: slice) -> Bytes:
    """The part of a chroma plane that belongs to rows and columns of the luma, at its size."""
    down, along = np.arange(rows.start, rows.stop) // 2, np.arange(columns.start, columns.stop) // 2
    return np.asarray(plane[np.ix_(down, along)])

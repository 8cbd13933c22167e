"""A line of words that was found once and is followed from then on, and back to where it began."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clipzy_server.analysis.words.find_lines import Area
from clipzy_server.analysis.words.ink import Ink
from clipzy_server.analysis.words.read_line import Reading
from clipzy_server.analysis.words.samples import Edges, Mask, Sample, likeness, picture_stays, steady

THERE = 0.5
STAYS, MOVES = 0.55, 0.45
_PATIENCE = 2
_NEW_SHARE = 0.3
_CHECK_EVERY = 3
# Above and below a line there may be more words; so many of its heights do not count as picture.
_BAND = 1.5


@dataclass(frozen=True, slots=True)
class Line:
    """A line of words over time. `area` in px of the displayed frame, between the highest and the lowest stroke.

    `apart` when something tells that the words are no part of the scene: they came or went while the picture stayed, or
    stayed while it moved. `on_plain` where there was nothing else in the picture. `until_end` when they never went.
    """

    start_s: float
    end_s: float
    area: Area
    reading: Reading
    color: str
    apart: bool
    on_plain: bool
    until_end: bool


class Mark:
    """A line that is seen now: the strokes to know it by, and what was noticed of it."""

    def __init__(self, area: Area, strokes: Mask, reading: Reading, ink: Ink, *, on_plain: bool) -> None:
        self.area = area
        self.reading = reading
        self._ink = ink
        self._on_plain = on_plain
        self._strokes = strokes
        self._places: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]
        self._reference: Edges
        self._first: Sample
        self._last: Sample
        self._missed: list[Sample] = []
        self._start_s = 0.0
        self._apart = False
        self._followed = 0
        self.is_gone = False

    def begin(self, samples: Sequence[Sample]) -> None:
        """Found in the last of the samples; goes back through the others as long as the line is there."""
        *earlier, now = samples
        self._places = _clearest(now.edges, self._fresh(samples), self.area)
        self._reference = now.edges[:, *self._places]
        self._first = self._last = now
        for sample in reversed(earlier):
            if not self._is_in(sample):
                self._start_s = (sample.time_s + self._first.time_s) / 2
                self._change(sample, self._first, there=self._first)
                return
            self._first = sample
        self._start_s = self._first.time_s

    def _fresh(self, samples: Sequence[Sample]) -> Mask:
        """The strokes that were not there in the oldest sample; all, where hardly any are new."""
        fresh = self._strokes & ~steady(samples[0], samples[-1])
        inside = self.area.slices
        return fresh if fresh[inside].sum() >= _NEW_SHARE * self._strokes[inside].sum() else self._strokes

    def follow(self, sample: Sample) -> None:
        """Look for the line in the next sample."""
        if self._is_in(sample):
            self._last, self._missed = sample, []
            self._followed += 1
            if not self._apart and self._followed % _CHECK_EVERY == 0:
                self._presence(sample)
            return
        self._missed.append(sample)
        if len(self._missed) >= _PATIENCE:
            self.is_gone = True
            self._change(self._last, self._missed[0], there=self._last)
            self._presence(self._last)

    def line(self) -> Line:
        """What was seen of it, so far or for good."""
        scale = self._last.factor
        area = Area(
            self.area.left * scale,
            self.area.top * scale + self._ink.top,
            self.area.right * scale,
            self.area.top * scale + self._ink.bottom,
        )
        last_s = self._last.time_s
        end_s = (last_s + self._missed[0].time_s) / 2 if self._missed else last_s
        return Line(
            self._start_s, end_s, area, self.reading, self._ink.color, self._apart, self._on_plain, not self._missed
        )

    def _is_in(self, sample: Sample) -> bool:
        return likeness(self._reference, sample.edges[:, *self._places]) >= THERE

    def _has_not_moved(self, sample: Sample) -> bool:
        """Whether the line fits nowhere better than just where it was: a sign drifts with its scene."""
        height, width = sample.size
        rows, columns = self._places
        fits = [
            likeness(self._reference, sample.edges[:, (rows + down) % height, (columns + along) % width])
            for down in (0, -1, 1)
            for along in (0, -1, 1)
        ]
        return fits[0] == max(fits)

    def _stays(self, before: Sample, after: Sample) -> float | None:
        """How far the picture stayed above and below the line; None where that cannot be told."""
        height, width = before.size
        room = round(_BAND * self.area.height)
        band = Area(0, max(0, self.area.top - room), width, min(height, self.area.bottom + room))
        return picture_stays(before, after, [band])

    def _change(self, before: Sample, after: Sample, there: Sample) -> None:
        """The line came or went from one sample to the next, and is in one of them: did the picture stay?"""
        stays = self._stays(before, after)
        self._apart |= stays is not None and stays >= STAYS and self._has_not_moved(there)

    def _presence(self, sample: Sample) -> None:
        """The line is still there: is the picture?"""
        stays = self._stays(self._first, sample)
        self._apart |= stays is not None and stays < MOVES and self._has_not_moved(sample)


def _clearest(edges: Edges, strokes: Mask, area: Area) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows and columns of those strokes of an area that are at least half as strong as its strongest."""
    strength = np.hypot(*edges[:, *area.slices].astype(np.float32)) * strokes[area.slices]
    rows, columns = np.nonzero(strength >= 0.5 * np.percentile(strength[strength > 0], 90))
    return rows + area.top, columns + area.left

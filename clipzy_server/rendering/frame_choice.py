"""Which frame of the footage is shown at each output frame? The one nearest in time, within its own scene.

Requests of all segments are merged in the order of the footage, so that one pass of decoding serves them all, also
where two segments overlap in a transition.
"""

import heapq
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from clipzy_server.domain.plan import EditPlan, Segment
from clipzy_server.media.frames import Frame

# Time stamps of some containers are rounded to 1 ms.
_ROUNDING_S = Fraction(1, 1000)
# A coming frame is taken this much before its time at most, so that long-held frames stay as long as they should.
_EARLIEST_S = Fraction(1, 50)
_EARLY_SHARE = Fraction(9, 20)
_REMEMBERED = 4


@dataclass(frozen=True, slots=True)
class Request:
    """Output frame `number` shows segment `segment` at footage time `time_s`."""

    time_s: Fraction
    segment: int
    number: int


def requests(plan: EditPlan) -> Iterator[Request]:
    """All requests of a plan in the order of footage time."""
    rate = plan.output.frame_rate
    each = (_of_segment(number, segment, rate) for number, segment in enumerate(plan.segments))
    return heapq.merge(*each, key=lambda request: (request.time_s, request.segment))


def _of_segment(place: int, segment: Segment, rate: Fraction) -> Iterator[Request]:
    for count in range(segment.frame_count):
        time_s = segment.source_start_s + count / rate
        if segment.scene_start_s is not None:
            time_s = max(time_s, segment.scene_start_s)
        yield Request(time_s, place, segment.first_frame + count)


class FramePicker:
    """Reads frames forward; asked for times that never go back, gives the frame for each."""

    def __init__(self, frames: Iterable[Frame]) -> None:
        self._frames = iter(frames)
        self._seen: deque[Frame] = deque(maxlen=_REMEMBERED)
        self._next = next(self._frames, None)
        self._advance()

    def at(self, time_s: Fraction, end_s: Fraction | None) -> Frame:
        """The frame nearest to `time_s` that begins before `end_s`; the last one there is past the end."""
        while self._next is not None and self._next.time_s <= time_s + self._early_s(self._next):
            self._advance()
        allowed = time_s + _EARLIEST_S
        if end_s is not None:
            allowed = min(allowed, end_s - _ROUNDING_S)
        return next((frame for frame in reversed(self._seen) if frame.time_s <= allowed), self._seen[0])

    def neighbours(self, time_s: Fraction) -> tuple[Frame | None, Frame | None]:
        """The last frame up to a time and the first one after it, of those still at hand."""
        known = [*self._seen, *([self._next] if self._next is not None else [])]
        earlier = next((frame for frame in reversed(known) if frame.time_s <= time_s), None)
        return earlier, next((frame for frame in known if frame.time_s > time_s), None)

    def _early_s(self, coming: Frame) -> Fraction:
        if not self._seen:
            return Fraction(0)
        return min(_EARLIEST_S, _EARLY_SHARE * (coming.time_s - self._seen[-1].time_s))

    def _advance(self) -> None:
        if self._next is not None:
            self._seen.append(self._next)
            self._next = next(self._frames, None)

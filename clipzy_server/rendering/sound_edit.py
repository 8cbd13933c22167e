"""The cut of the sound: what an edit plan shows of the footage, on the 48 kHz grid of the plan's own rationals."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from clipzy_server.domain.plan import EditPlan, Segment
from clipzy_server.media.mapped import let_go
from clipzy_server.media.samples import Samples

RATE_HZ = 48_000
# Half of the cross-fade at a cut: long enough to be no click, short enough to leave every beat its attack.
_HALF_SEAM = 4 * RATE_HZ // 1000
_END_FADE = 10 * RATE_HZ // 1000
_BLOCK = 10 * RATE_HZ


@dataclass(frozen=True, slots=True)
class _Edge:
    """A ramp between two output samples; `is_linear` where both sides are the same sound, equal power otherwise."""

    start: int
    end: int
    is_linear: bool

    def rise(self, places: npt.NDArray[np.int64]) -> Samples:
        """Gains 0…1 at output samples [n]."""
        if self.end <= self.start:
            return np.asarray(places >= self.start, np.float32)
        way = np.clip((places - self.start + 0.5) / (self.end - self.start), 0.0, 1.0)
        return np.asarray(way if self.is_linear else np.sin(0.5 * np.pi * way), np.float32)

    def fall(self, places: npt.NDArray[np.int64]) -> Samples:
        """The other side of the same cross-fade."""
        if self.end <= self.start:
            return np.asarray(places < self.start, np.float32)
        way = np.clip((places - self.start + 0.5) / (self.end - self.start), 0.0, 1.0)
        return np.asarray(1 - way if self.is_linear else np.cos(0.5 * np.pi * way), np.float32)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Output samples that come from the footage `shift` samples further on, with a ramp at either end."""

    shift: int
    head: _Edge
    tail: _Edge


def sample_at(time_s: Fraction) -> int:
    """The nearest sample of a time."""
    return round(time_s * RATE_HZ)


def sample_count(plan: EditPlan) -> int:
    """Samples of the whole output."""
    return sample_at(plan.duration_s)


def cut_sound(footage: npt.NDArray[np.float32], plan: EditPlan, output: npt.NDArray[np.float32]) -> None:
    """Add what the plan shows of `footage` [m, 2] to `output` [n, 2], which is zeros. Past its end footage is silent.

    A sample's source is its segment's start plus the time since the segment's first frame. Where the footage goes on
    without a jump every sample is the footage's own.
    """
    for piece in _pieces(plan, len(footage)):
        for first, last in _blocks(piece.head.start, min(piece.tail.end, len(output))):
            places = np.arange(first, last)
            sources = places + piece.shift
            inside = (sources >= 0) & (sources < len(footage))
            gain = piece.head.rise(places) * piece.tail.fall(places)
            output[places[inside]] += footage[sources[inside]] * gain[inside, None]
            let_go(footage, output)


def _blocks(start: int, end: int) -> Iterator[tuple[int, int]]:
    for first in range(max(0, start), end, _BLOCK):
        yield first, min(end, first + _BLOCK)


def _pieces(plan: EditPlan, footage_samples: int) -> Iterator[_Piece]:
    rate = plan.output.frame_rate
    segments = plan.segments
    seams = [_seam(one, other, rate) for one, other in pairwise(segments)]
    for n, segment in enumerate(segments):
        start = sample_at(segment.first_frame / rate)
        end = sample_at((segment.first_frame + segment.frame_count) / rate)
        shift = sample_at(segment.source_start_s) - start
        head = seams[n - 1] if n else _opening(start, shift)
        tail = seams[n] if n < len(seams) else _closing(end, shift, footage_samples)
        yield _Piece(shift, head, tail)


def _seam(before: Segment, after: Segment, rate: Fraction) -> _Edge:
    start = sample_at(after.first_frame / rate)
    end = sample_at((before.first_frame + before.frame_count) / rate)
    goes_on = after.source_start_s - before.source_start_s == (after.first_frame - before.first_frame) / rate
    if end > start or goes_on:
        return _Edge(start, max(start, end), is_linear=goes_on)
    return _Edge(start - _HALF_SEAM, start + _HALF_SEAM, is_linear=False)


def _opening(start: int, shift: int) -> _Edge:
    """Sound that was going on before the first sample must not start with a jump."""
    return _Edge(start, start + (_HALF_SEAM if start + shift > 0 else 0), is_linear=True)


def _closing(end: int, shift: int, footage_samples: int) -> _Edge:
    """Nor may it end with one, where more was to come."""
    return _Edge(end - (_END_FADE if end + shift < footage_samples else 0), end, is_linear=True)

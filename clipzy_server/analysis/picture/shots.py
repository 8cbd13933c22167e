"""Shots and the joins between them, from the features of a video."""

from dataclasses import dataclass

from clipzy_server.analysis.picture.compare import step_strengths
from clipzy_server.analysis.picture.cuts import find_cuts
from clipzy_server.analysis.picture.features import Features
from clipzy_server.domain.analysis import Join, Shot
from clipzy_server.domain.style import Easing, TransitionType


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where a shot begins (its first frame) and by what join."""

    frame: int
    join: Join


def find_shots(features: Features) -> tuple[Shot, ...]:
    """All shots; the first has a join only where the video opens with a fade."""
    strengths = step_strengths(features)
    boundaries = [
        Boundary(cut.frame, Join(TransitionType.CUT, _time(features, cut.frame), 0.0, Easing.LINEAR, cut.confidence))
        for cut in find_cuts(features, strengths)
    ]
    return shots_between(features, sorted(boundaries, key=lambda b: b.frame))


def shots_between(features: Features, boundaries: list[Boundary]) -> tuple[Shot, ...]:
    """Cut the video at the boundaries; one at frame 0 is the opening."""
    opening = next((b.join for b in boundaries if b.frame == 0), None)
    inner = [b for b in boundaries if b.frame > 0]
    starts = [0, *(b.frame for b in inner)]
    ends = [*(b.frame for b in inner), features.frame_count]
    joins = [opening, *(b.join for b in inner)]
    starts_s = [0.0, *(b.join.start_s + b.join.duration_s / 2 for b in inner)]
    ends_s = [*starts_s[1:], features.duration_s]
    return tuple(
        Shot(start_s, end_s, first, end, join)
        for start_s, end_s, first, end, join in zip(starts_s, ends_s, starts, ends, joins, strict=True)
    )


def cut_frequency(shots: tuple[Shot, ...], duration_s: float) -> float:
    """Joins per minute; an opening fade is none."""
    return (len(shots) - 1) * 60 / duration_s if duration_s > 0 else 0.0


def _time(features: Features, frame: int) -> float:
    return float(features.times[frame])

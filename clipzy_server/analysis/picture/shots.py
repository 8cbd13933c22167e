"""Shots and the joins between them, from the features of a video."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from clipzy_server.analysis.picture.accepted import Gradual
from clipzy_server.analysis.picture.bars import without_bars
from clipzy_server.analysis.picture.compare import step_strengths
from clipzy_server.analysis.picture.cuts import find_cuts
from clipzy_server.analysis.picture.features import Features
from clipzy_server.analysis.picture.gradual import changing_places, find_gradual
from clipzy_server.analysis.picture.moved_cuts import with_moved_cuts
from clipzy_server.analysis.picture.plausible import is_blank
from clipzy_server.domain.analysis import Join, Shot
from clipzy_server.domain.style import Easing, TransitionType


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where a shot begins (its first frame) and by what join."""

    frame: int
    join: Join


def find_shots(features: Features) -> tuple[Shot, ...]:
    """All shots; the first has a join only where the video opens with a fade."""
    features = without_bars(features)
    with ThreadPoolExecutor(1) as pool:
        changing = pool.submit(changing_places, features)
        cuts = find_cuts(features, step_strengths(features))
    frames = [cut.frame for cut in cuts]
    gradual = with_moved_cuts(features, frames, find_gradual(features, changing.result(), frames))
    boundaries = [_of_gradual(features, item) for item in gradual if not _closes(features, item)]
    for cut in cuts:
        if not any(item.first - 1 <= cut.frame <= item.last + 1 for item in gradual):
            join = Join(TransitionType.CUT, float(features.times[cut.frame]), 0.0, Easing.LINEAR, cut.confidence)
            boundaries.append(Boundary(cut.frame, join))
    return shots_between(features, sorted(boundaries, key=lambda b: b.frame))


def _of_gradual(features: Features, gradual: Gradual) -> Boundary:
    """A gradual join's boundary is its middle; a fade from a blank beginning opens the video."""
    if gradual.join.type is TransitionType.FADE and _all_blank(features, 0, gradual.first + 1):
        return Boundary(0, gradual.join)
    middle_s = gradual.join.start_s + gradual.join.duration_s / 2
    return Boundary(int(np.searchsorted(features.times, middle_s - 1e-9)), gradual.join)


def _closes(features: Features, gradual: Gradual) -> bool:
    """A fade into blankness that lasts to the end leads to no other shot."""
    return gradual.join.type is TransitionType.FADE and _all_blank(features, gradual.last, features.frame_count)


def _all_blank(features: Features, first: int, end: int) -> bool:
    return all(is_blank(features.thumb_y[frame].astype(np.float32)) for frame in range(first, end))


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

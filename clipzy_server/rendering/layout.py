"""On which output frames does each kept stretch lie?

Joins are rounded to output frames one by one against their exact times, so that errors never add up; the footage shown
at a frame is moved by the same rounding, so that beats keep their exact places.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from clipzy_server.domain.plan import PlannedTransition
from clipzy_server.domain.style import Transition
from clipzy_server.rendering.cut_points import CutPoints
from clipzy_server.rendering.join_types import planned
from clipzy_server.rendering.selection import Kept

# Whole beats are dropped at joins with transitions where at least this share of the footage stays.
_KEPT_WITH_BEATS = 0.75


@dataclass(frozen=True, slots=True)
class Slot:
    """A kept stretch in its place: `frame_count` output frames from `first_frame` on, showing footage from there on."""

    source_start_s: Fraction
    first_frame: int
    frame_count: int
    transition: PlannedTransition | None
    kept: Kept


def plan_transitions(
    kept: Sequence[Kept], kinds: Sequence[Transition], rate: Fraction
) -> list[PlannedTransition | None]:
    """Transitions in frames, none longer than half of its shorter neighbour."""
    transitions = []
    for (before, after), kind in zip(pairwise(kept), kinds, strict=True):
        shorter_s = min(before.length_s, after.length_s)
        transitions.append(planned(kind, rate, int(shorter_s * rate / 2)))
    return transitions


def make_room(
    kept: Sequence[Kept], transitions: Sequence[PlannedTransition | None], rate: Fraction, points: CutPoints
) -> tuple[Kept, ...]:
    """Shortens stretches where a transition would need footage beyond their scene.

    Where the footage is music what is taken away between two stretches becomes whole beats, if enough remains.
    """
    exact = _shortened(kept, transitions, rate, None)
    if not points.musical or exact == tuple(kept):
        return exact
    beats = _shortened(kept, transitions, rate, Fraction(points.step_s).limit_denominator(90000))
    whole_s = sum(piece.length_s for piece in kept)
    enough = sum(piece.length_s for piece in beats) >= _KEPT_WITH_BEATS * whole_s
    return beats if enough and all(piece.length_s > 0 for piece in beats) else exact


def _shortened(
    kept: Sequence[Kept],
    transitions: Sequence[PlannedTransition | None],
    rate: Fraction,
    beat_s: Fraction | None,
) -> tuple[Kept, ...]:
    result = list(kept)
    for number, transition in enumerate(transitions):
        if transition is None:
            continue
        half_s = Fraction(transition.frames, 2) / rate
        before, after = result[number], result[number + 1]
        if before.scene == after.scene:
            continue
        end_s = min(before.end_s, before.scene.end_s - half_s)
        start_s = max(after.start_s, after.scene.start_s + half_s)
        if beat_s is not None:
            dropped_s = start_s - end_s
            more_s = math.ceil(dropped_s / beat_s - Fraction(1, 50)) * beat_s - dropped_s
            end_s, start_s = end_s - more_s / 2, start_s + more_s / 2
        result[number] = replace(before, end_s=end_s)
        result[number + 1] = replace(after, start_s=start_s)
    return tuple(result)


def lay_out(kept: Sequence[Kept], transitions: Sequence[PlannedTransition | None], rate: Fraction) -> tuple[Slot, ...]:
    """The stretches on the output's frames; transitions lie centred on the joins."""
    ends_s = [Fraction(0)]
    for piece in kept:
        ends_s.append(ends_s[-1] + piece.length_s)
    joins = [0]
    for end_s in ends_s[1:]:
        joins.append(max(joins[-1] + 1, round(end_s * rate)))
    around: list[PlannedTransition | None] = [None, *transitions, None]
    slots = []
    for number, piece in enumerate(kept):
        lead = into.frames // 2 if (into := around[number]) else 0
        tail = math.ceil(out.frames / 2) if (out := around[number + 1]) else 0
        first = joins[number] - lead
        source_s = piece.start_s + first / rate - ends_s[number]
        slots.append(Slot(max(Fraction(0), source_s), first, joins[number + 1] + tail - first, into, piece))
    return tuple(slots)

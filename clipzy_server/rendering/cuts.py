"""From the footage's own shots to the kept stretches of the output, by the style's pace and the caller's settings."""

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from clipzy_server.domain.analysis import Join
from clipzy_server.domain.job import Dimension, JobConfig
from clipzy_server.domain.plan import PlannedTransition
from clipzy_server.domain.style import StyleDna, Transition, TransitionType
from clipzy_server.rendering.cut_points import CutPoints
from clipzy_server.rendering.footage import FootageAnalysis
from clipzy_server.rendering.join_types import CUT, TransitionMix, assign, find_mix
from clipzy_server.rendering.layout import make_room, plan_transitions
from clipzy_server.rendering.leaps import leap_levels
from clipzy_server.rendering.punch_in import split_scenes
from clipzy_server.rendering.rhythm import find_rhythm
from clipzy_server.rendering.scenes import Scene, find_scenes
from clipzy_server.rendering.selection import Kept, Selector, Taste, already_paced, long_scenes
from clipzy_server.rendering.worth import Worth

# Where the template's pace would leave less of the footage than this, the footage is kept whole.
_LEAST_SHOWN_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Cutting:
    """Kept stretches and the transitions between them."""

    kept: tuple[Kept, ...]
    transitions: tuple[PlannedTransition | None, ...]


def choose_cuts(
    style: StyleDna,
    footage: FootageAnalysis,
    config: JobConfig,
    applied: tuple[Dimension, ...],
    points: CutPoints,
    rate: Fraction,
) -> Cutting:
    """What is kept and how it is joined, for an output of `rate` frames per second."""
    scenes = find_scenes(footage.picture, points.at_s[-1])
    mix = find_mix(style, config.strength) if Dimension.TRANSITIONS in applied else None
    pace = _wanted_pace(style, footage, config.strength) if Dimension.CUTS in applied else 0.0
    duration_s = float(points.at_s[-1])
    own_joins = len(footage.picture.shots) - 1
    if pace <= 0 or already_paced(own_joins, duration_s, pace):
        return _whole(footage, mix, points, rate, config.keep_duration)
    rhythm = find_rhythm(style, pace)
    if config.keep_duration:
        pieces, _ = _merged(scenes, [_kind_of(scene.join) for scene in scenes[1:]])
        kept = split_scenes(tuple(pieces), points, rhythm, round(pace * duration_s / 60))
        return _joined(kept, [None] * (len(kept) - 1), mix, rate)
    if own_joins > pace * duration_s / 60:
        scenes = long_scenes(scenes, rhythm.shot_s)
    selector = Selector(points, rhythm, _taste(footage, scenes))
    kept = selector.select(_with_handles(scenes, mix, rhythm.shot_s))
    if sum(piece.length_s for piece in kept) < _LEAST_SHOWN_SHARE * duration_s:
        return _whole(footage, mix, points, rate, config.keep_duration)
    kept = tuple(replace(piece, scene=_outer(scenes, piece)) for piece in kept)
    return _joined(kept, [None] * (len(kept) - 1), mix, rate)


def _taste(footage: FootageAnalysis, scenes: tuple[Scene, ...]) -> Taste:
    if footage.thumbs is None:
        return Taste()
    return Taste(leap_levels(footage.thumbs), Worth(footage.thumbs, scenes).of)


def _wanted_pace(style: StyleDna, footage: FootageAnalysis, strength: float) -> float:
    own = footage.picture.cut_frequency
    return own + (style.cut_frequency - own) * strength if style.cut_frequency > 0 else 0.0


def _whole(
    footage: FootageAnalysis, mix: TransitionMix | None, points: CutPoints, rate: Fraction, keep_duration: bool
) -> Cutting:
    """All of the footage; its own joins get the template's transitions where these are applied."""
    duration_s = points.at_s[-1]
    scenes = find_scenes(footage.picture, duration_s)
    joins = [scene.join for scene in scenes[1:]]
    kinds = [_kind_of(join) for join in joins] if mix is None or keep_duration else assign(mix, joins)
    pieces, remaining = _merged(scenes, kinds)
    kept = tuple(Kept(piece.start_s, piece.end_s, piece) for piece in pieces)
    transitions = plan_transitions(kept, remaining, rate)
    return Cutting(make_room(kept, transitions, rate, points), tuple(transitions))


def _merged(scenes: tuple[Scene, ...], kinds: list[Transition]) -> tuple[list[Scene], list[Transition]]:
    """Scenes that the footage joins by the wanted kind of gradual transition stay one piece."""
    pieces, remaining = [scenes[0]], []
    for scene, kind in zip(scenes[1:], kinds, strict=True):
        if kind.type is not TransitionType.CUT and scene.join is not None and scene.join.type is kind.type:
            pieces[-1] = replace(pieces[-1], end_s=scene.end_s)
        else:
            pieces.append(scene)
            remaining.append(kind)
    return pieces, remaining


def _kind_of(join: Join | None) -> Transition:
    if join is None or join.type is TransitionType.CUT:
        return CUT
    return Transition(join.type, round(join.duration_s * 1000), join.easing)


def _joined(kept: tuple[Kept, ...], joins: list[Join | None], mix: TransitionMix | None, rate: Fraction) -> Cutting:
    kinds = assign(mix, joins) if mix is not None else [CUT] * len(joins)
    transitions = plan_transitions(kept, kinds, rate)
    return Cutting(kept, tuple(_possible(kept, transitions, rate)))


def _possible(
    kept: tuple[Kept, ...], transitions: list[PlannedTransition | None], rate: Fraction
) -> list[PlannedTransition | None]:
    """A transition between two scenes is as long as there is footage beyond the join on both sides."""
    result = []
    for (before, after), transition in zip(pairwise(kept), transitions, strict=True):
        if transition is not None and before.scene != after.scene:
            handle_s = min(before.scene.end_s - before.end_s, after.start_s - after.scene.start_s)
            frames = min(transition.frames, int(2 * handle_s * rate + Fraction(1, 100)))
            transition = replace(transition, frames=frames) if frames >= 2 else None  # noqa: PLW2901
        result.append(transition)
    return result


def _with_handles(scenes: tuple[Scene, ...], mix: TransitionMix | None, shot_s: float) -> tuple[Scene, ...]:
    """Scenes without the footage that transitions at their ends will need; short scenes are left as they are."""
    longest_s = max((kind.duration_ms for kind in mix.kinds), default=0) / 1000 if mix is not None else 0.0
    half_s = Fraction(min(longest_s, shot_s / 2) / 2).limit_denominator(1000)
    inner = []
    for number, scene in enumerate(scenes):
        start_s = scene.start_s + (half_s if number else 0)
        end_s = scene.end_s - (half_s if number < len(scenes) - 1 else 0)
        roomy = end_s - start_s > (scene.end_s - scene.start_s) / 2
        inner.append(replace(scene, start_s=start_s, end_s=end_s) if roomy else scene)
    return tuple(inner)


def _outer(scenes: tuple[Scene, ...], piece: Kept) -> Scene:
    middle_s = (piece.start_s + piece.end_s) / 2
    return next(scene for scene in scenes if scene.start_s <= middle_s <= scene.end_s)

"""The footage's own shots, as stretches that may be shown, and the joins between them."""

from dataclasses import dataclass
from fractions import Fraction

from clipzy_server.domain.analysis import Join, PictureAnalysis
from clipzy_server.domain.style import TransitionType


@dataclass(frozen=True, slots=True)
class Scene:
    """Footage from `start_s` up to `end_s` without a join inside it. `join` is the footage's own way into it."""

    start_s: Fraction
    end_s: Fraction
    join: Join | None


def find_scenes(picture: PictureAnalysis, duration_s: Fraction) -> tuple[Scene, ...]:
    """The shots of the footage without the frames of its gradual transitions. At least one."""
    scenes = []
    for number, shot in enumerate(picture.shots):
        join = shot.join if number else None
        following = picture.shots[number + 1].join if number + 1 < len(picture.shots) else None
        start_s = _exact(join.start_s + join.duration_s) if _is_gradual(join) and join else _exact(shot.start_s)
        end_s = _exact(following.start_s) if _is_gradual(following) and following else _exact(shot.end_s)
        if number == len(picture.shots) - 1:
            end_s = duration_s
        if number == 0:
            start_s = Fraction(0)
        if end_s > start_s:
            scenes.append(Scene(start_s, end_s, join))
    return tuple(scenes) or (Scene(Fraction(0), duration_s, None),)


def _is_gradual(join: Join | None) -> bool:
    return join is not None and join.type is not TransitionType.CUT and join.duration_s > 0


def _exact(time_s: float) -> Fraction:
    return Fraction(time_s).limit_denominator(90000)

"""Cuts without dropping anything: where the rhythm wants a join, the framing changes instead."""

from fractions import Fraction

import numpy as np

from clipzy_server.rendering.cut_points import CutPoints
from clipzy_server.rendering.rhythm import Rhythm
from clipzy_server.rendering.scenes import Scene
from clipzy_server.rendering.selection import SHORTEST_SHOT_S, Kept

# The closer framing shows this much less of each side: clearly another shot size, still enough pixels.
PUNCH_SCALE = 1.3


def split_scenes(scenes: tuple[Scene, ...], points: CutPoints, rhythm: Rhythm, wanted_joins: int) -> tuple[Kept, ...]:
    """All scenes cut up at the rhythm's joins, every other piece of a scene shown closer.

    An own join of the footage near a join of the rhythm takes its place, so that `wanted_joins` is not exceeded by more
    than the footage's own joins.
    """
    own_s = [float(scene.start_s) for scene in scenes[1:]]
    new_s = _new_joins(own_s, points, rhythm, max(0, wanted_joins - len(own_s)))
    kept: list[Kept] = []
    for scene in scenes:
        inside = [at for at in new_s if scene.start_s < at < scene.end_s]
        for number, (start_s, end_s) in enumerate(zip([scene.start_s, *inside], [*inside, scene.end_s], strict=True)):
            kept.append(Kept(start_s, end_s, scene, is_closer=number % 2 == 1))
    return tuple(kept)


def _new_joins(own_s: list[float], points: CutPoints, rhythm: Rhythm, count: int) -> list[Fraction]:
    """At most `count` cut points near the rhythm's joins and away from the ends and from joins that are there."""
    times_s = points.times_s()
    taken = [0.0, *own_s, float(times_s[-1])]
    room_s = max(SHORTEST_SHOT_S, rhythm.shot_s / 3)
    found: list[Fraction] = []
    number = 0
    while len(found) < count and rhythm.join_s(number) < times_s[-1]:
        place = int(np.abs(times_s - rhythm.join_s(number)).argmin())
        if all(abs(times_s[place] - other) >= min(room_s, rhythm.shot_s / 3) for other in taken):
            found.append(points.at_s[place])
            taken.append(float(times_s[place]))
        number += 1
    return found

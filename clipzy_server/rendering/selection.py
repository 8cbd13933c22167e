"""Which stretches of the footage are kept, so that the output cuts as often and as rhythmically as the template?

Footage keeps its order. Where it is music, every kept stretch and everything dropped between two is a whole number of
beats (of bars, where that leaves enough), so that the rhythm goes on; the footage's own joins count as joins. A jump
inside one shot drops enough to be seen. Footage that already cuts at the wanted rate is kept whole, and so is footage
of which nothing sensible would be left.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from clipzy_server.rendering.cut_points import CutPoints
from clipzy_server.rendering.rhythm import Rhythm
from clipzy_server.rendering.scenes import Scene

SHORTEST_SHOT_S = 0.3
# A smaller leap inside one shot looks like a dropped frame rather than a cut.
_SMALLEST_LEAP_S = 0.3
_FREE_LEAP_S = 0.5
# Whole bars are dropped only where at least this share of the footage stays.
_KEPT_WITH_BARS = 0.45
_LONGEST_LEAP_SHOTS = 1.5
_KEPT_SCENES_SHARE = 0.5
_SAME_PLACE_S = Fraction(1, 50)

Visible = Callable[[Fraction, Fraction], bool]


@dataclass(frozen=True, slots=True)
class Kept:
    """Footage from `start_s` up to `end_s`, within one scene (bounds for handles of transitions)."""

    start_s: Fraction
    end_s: Fraction
    scene: Scene

    @property
    def length_s(self) -> Fraction:
        """Seconds kept."""
        return self.end_s - self.start_s


def already_paced(join_count: int, duration_s: float, cuts_per_minute: float) -> bool:
    """Whether footage with so many joins of its own cuts as often as wanted: within 5 %, or half a cut."""
    wanted = cuts_per_minute * duration_s / 60
    return abs(join_count - wanted) <= max(0.5, 0.05 * wanted)


def long_scenes(scenes: tuple[Scene, ...], shot_s: float) -> tuple[Scene, ...]:
    """Scenes long enough for shots of about `shot_s`; the longest ones when they would be less than half of all."""
    lengths = sorted((float(scene.end_s - scene.start_s) for scene in scenes), reverse=True)
    covered = np.cumsum(lengths)
    needed = int(np.searchsorted(covered, _KEPT_SCENES_SHARE * covered[-1]))
    limit_s = min(shot_s / 2, lengths[needed])
    return tuple(scene for scene in scenes if float(scene.end_s - scene.start_s) >= limit_s - 1e-9)


class Selector:
    """Walks through the footage once, from cut point to cut point."""

    def __init__(self, points: CutPoints, rhythm: Rhythm, visible: Visible) -> None:
        self._points = points
        self._times_s = points.times_s()
        self._rhythm = rhythm
        self._visible = visible
        self._leap = self._usual_leap()

    def select(self, scenes: tuple[Scene, ...]) -> tuple[Kept, ...]:
        """The kept stretches in order; empty when no scene holds a shot."""
        kept: list[Kept] = []
        length_s = Fraction(0)
        for scene in scenes:
            place = self._first_in(scene)
            while (end := self._end_of_shot(place, scene, len(kept), length_s)) is not None:
                at_s = self._points.at_s
                kept.append(Kept(at_s[place], at_s[end], scene))
                length_s += at_s[end] - at_s[place]
                place = self._leap_from(end, scene)
        return self._ended_at_rate(kept)

    def _usual_leap(self) -> int:
        points, shot_s = self._points, self._rhythm.shot_s
        if not points.musical:
            return max(1, round(min(_FREE_LEAP_S, max(_SMALLEST_LEAP_S, shot_s / 2)) / points.step_s))
        bar_s = points.bar * points.step_s
        beats = max(1, int(np.ceil(_SMALLEST_LEAP_S / points.step_s - 1e-6)))
        return points.bar if points.bar > beats and shot_s / (shot_s + bar_s) >= _KEPT_WITH_BARS else beats

    def _first_in(self, scene: Scene) -> int:
        return int(np.searchsorted(self._times_s, float(scene.start_s - _SAME_PLACE_S)))

    def _last_in(self, scene: Scene) -> int:
        return int(np.searchsorted(self._times_s, float(scene.end_s + _SAME_PLACE_S), side="right")) - 1

    def _end_of_shot(self, place: int, scene: Scene, number: int, length_s: Fraction) -> int | None:
        """The cut point that ends the shot begun at `place`, or None when the scene has no room for one."""
        last = self._last_in(scene)
        if place >= last or self._times_s[last] - self._times_s[place] < SHORTEST_SHOT_S:
            return None
        wanted_s = self._times_s[place] + self._rhythm.join_s(number) - float(length_s)
        end = int(np.abs(self._times_s - wanted_s).argmin())
        end = max(end, int(np.searchsorted(self._times_s, self._times_s[place] + SHORTEST_SHOT_S - 1e-9)))
        return min(end, last)

    def _leap_from(self, end: int, scene: Scene) -> int:
        """Where the next shot of the scene begins: the nearest leap that is seen, else the usual one."""
        most = max(self._leap, int(_LONGEST_LEAP_SHOTS * self._rhythm.shot_s / self._points.step_s))
        last = self._last_in(scene)
        for leap in range(self._leap, most + 1, self._leap):
            if end + leap >= last:
                break
            if self._visible(self._points.at_s[end], self._points.at_s[end + leap]):
                return end + leap
        return end + self._leap

    def _ended_at_rate(self, kept: list[Kept]) -> tuple[Kept, ...]:
        """Ends the output where its joins per minute are the rhythm's, half a join more or less."""
        shot_s = self._rhythm.shot_s
        while len(kept) > 1 and _surplus(kept, shot_s) > 0.5:
            kept = kept[:-1]
        if kept and _surplus(kept, shot_s) < -0.5:
            kept[-1] = self._trimmed(kept[-1], float(-_surplus(kept, shot_s) - 0.5) * shot_s)
        return tuple(kept)

    def _trimmed(self, last: Kept, surplus_s: float) -> Kept:
        wanted_s = float(last.end_s) - surplus_s
        place = int(np.searchsorted(self._times_s, wanted_s + 1e-6, side="right")) - 1
        shortest = int(np.searchsorted(self._times_s, float(last.start_s) + SHORTEST_SHOT_S))
        place = max(place, shortest)
        return Kept(last.start_s, min(last.end_s, self._points.at_s[place]), last.scene)


def _surplus(kept: list[Kept], shot_s: float) -> float:
    """Joins more than the rhythm has in the same time."""
    return len(kept) - 1 - float(sum(piece.length_s for piece in kept)) / shot_s

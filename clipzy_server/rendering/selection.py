"""Which stretches of the footage are kept, so that the output cuts as often and as rhythmically as the template?

Footage keeps its order. Where it is music, every kept stretch and everything dropped between two is a whole number of
beats (of bars, where that leaves enough), so that the rhythm goes on; the footage's own joins count as joins. What is
dropped is what is worth least. A leap inside one shot drops enough to be seen and begins and ends between words; where
that cannot be, as when nothing moves, the footage goes on in a closer framing. Footage that already cuts at the wanted
rate is kept whole, and so is footage of which nothing sensible would be left.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from clipzy_server.rendering.cut_points import CutPoints
from clipzy_server.rendering.leaps import FELT_LEVELS, SEEN_LEVELS
from clipzy_server.rendering.rhythm import Rhythm
from clipzy_server.rendering.scenes import Scene

SHORTEST_SHOT_S = 0.3
# A smaller leap inside one shot looks like a dropped frame rather than a cut.
_SMALLEST_LEAP_S = 0.3
_FREE_LEAP_S = 0.5
# Of the places without music every second one is tried.
_FREE_STEP = 2
# Whole bars are dropped only where at least this share of the footage stays.
_KEPT_WITH_BARS = 0.45
_LONGEST_LEAP_SHOTS, _LONGEST_LEAP_S = 1.5, 3.0
# A cut waits so long for the end of a word, or comes so much earlier; seconds, and shares of a usual shot.
_PATIENCE_S, _PATIENCE_SHOTS = 0.6, 0.35
# A second away from the rhythm is as bad as this share of a second that shows nothing.
_LATE_WEIGHT = 0.2
# What is left of a scene makes a shot of its own if it is at least this share of a usual one.
_LAST_SHOT_SHARE = 0.3
# Whatever the pace: footage is there to be shown.
_LEAST_KEPT_SHARE = 0.5
# The end may be left out to come nearer to the pace, if this much of the shots stays.
_KEPT_AT_END_SHARE = 0.75
_SAME_PLACE_S = Fraction(1, 50)


@dataclass(frozen=True, slots=True)
class Taste:
    """What is known of the footage's looks, by times in seconds.

    `leap_levels(before, after)`: how different the two look, in levels of luma. `worth(start, end)`: how much is there
    to see, in seconds of usual footage.
    """

    leap_levels: Callable[[Fraction, Fraction], float] = lambda _before, _after: SEEN_LEVELS
    worth: Callable[[float, float], float] = lambda start_s, end_s: end_s - start_s


@dataclass(frozen=True, slots=True)
class Kept:
    """Footage from `start_s` up to `end_s`, within one scene (bounds for handles of transitions).

    `is_closer`: shown in a closer framing, so that a cut is seen although nothing is dropped.
    """

    start_s: Fraction
    end_s: Fraction
    scene: Scene
    is_closer: bool = False

    @property
    def length_s(self) -> Fraction:
        """Seconds kept."""
        return self.end_s - self.start_s


def already_paced(join_count: int, duration_s: float, cuts_per_minute: float) -> bool:
    """Whether footage with so many joins of its own cuts as often as wanted: within 5 %, or half a cut."""
    wanted = cuts_per_minute * duration_s / 60
    return abs(join_count - wanted) <= max(0.5, 0.05 * wanted)


def long_scenes(scenes: tuple[Scene, ...], shot_s: float) -> tuple[Scene, ...]:
    """The longest scenes: as many as can follow each other at a pace of one in `shot_s`, but half of all footage."""
    lengths = sorted((float(scene.end_s - scene.start_s) for scene in scenes), reverse=True)
    covered = np.cumsum(lengths)
    slow_enough = np.flatnonzero(np.arange(len(lengths)) - covered / shot_s <= 0.5)
    half = int(np.searchsorted(covered, _LEAST_KEPT_SHARE * covered[-1]))
    shortest_s = lengths[max(int(slow_enough[-1]), half)]
    return tuple(scene for scene in scenes if float(scene.end_s - scene.start_s) >= shortest_s - 1e-9)


class Selector:
    """Walks through the footage once, from cut point to cut point."""

    def __init__(self, points: CutPoints, rhythm: Rhythm, taste: Taste) -> None:
        self._points = points
        self._times_s = points.times_s()
        self._in_word = np.array(points.in_word)
        self._rhythm = rhythm
        self._taste = taste
        self._leap = self._usual_leap()

    def select(self, scenes: tuple[Scene, ...]) -> tuple[Kept, ...]:
        """The kept stretches in order; empty when no scene holds a shot.

        Footage of which too little would be worth showing is shown as if all of it were.
        """
        kept = self._walk(scenes)
        if _length_s(kept) < _LEAST_KEPT_SHARE * float(sum(scene.end_s - scene.start_s for scene in scenes)):
            self._taste = Taste(self._taste.leap_levels)
            kept = self._walk(scenes)
        return self._ended_at_rate(kept)

    def _walk(self, scenes: tuple[Scene, ...]) -> list[Kept]:
        kept: list[Kept] = []
        length_s = Fraction(0)
        at_s = self._points.at_s
        for scene in scenes:
            place = self._first_in(scene)
            if scene.end_s - scene.start_s > self._rhythm.shot_s:
                place += self._best_leap(place, scene, [0, *self._leaps(place, scene)]) or 0
            is_closer = False
            while (end := self._end_of_shot(place, scene, len(kept), length_s)) is not None:
                kept.append(Kept(at_s[place], at_s[end], scene, is_closer))
                length_s += at_s[end] - at_s[place]
                leap = self._leap_from(end, scene)
                is_closer = leap is None and not is_closer
                place = end + (leap or 0)
        return kept

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
        end = min(int(np.abs(self._times_s - wanted_s).argmin()), last)
        end = end if end == last else self._between_words(self._before_it_gets_bad(place, end))
        end = max(end, int(np.searchsorted(self._times_s, self._times_s[place] + SHORTEST_SHOT_S - 1e-9)))
        has_no_sequel = end + self._leap > self._last_start_in(scene)
        return last if end > last or (has_no_sequel and self._in_word[end]) else end

    def _before_it_gets_bad(self, place: int, end: int) -> int:
        """Where there is no beat to keep, a shot ends a little earlier or later rather than show what is bad."""
        if self._points.musical:
            return end
        most = int(_PATIENCE_SHOTS * self._rhythm.shot_s / self._points.step_s)
        ends = range(max(place + 1, end - most), min(end + most, len(self._times_s) - 1) + 1, _FREE_STEP)

        def bad_s(other: int) -> float:
            start_s, end_s = self._times_s[place], self._times_s[other]
            late_s = abs(end_s - self._times_s[end])
            return float(end_s - start_s - self._taste.worth(start_s, end_s) + _LATE_WEIGHT * late_s)

        return int(min((end, *ends), key=bad_s))

    def _between_words(self, place: int) -> int:
        """The nearest cut point between two words, if there is one near enough for the rhythm."""
        if not self._in_word[place]:
            return place
        off_s = np.abs(self._times_s - self._times_s[place])
        off_s[self._in_word] = np.inf
        nearest = int(off_s.argmin())
        return nearest if off_s[nearest] <= min(_PATIENCE_S, _PATIENCE_SHOTS * self._rhythm.shot_s) else place

    def _leap_from(self, end: int, scene: Scene) -> int | None:
        """How many cut points are dropped after a shot, or None: nothing, as in the middle of a word, or because no
        leap would be seen.
        """
        if end + self._leap > self._last_start_in(scene):
            return max(self._leap, self._last_in(scene) - end)
        if self._in_word[end]:
            return None
        at_s = self._points.at_s
        levels = {leap: self._taste.leap_levels(at_s[end], at_s[end + leap]) for leap in self._leaps(end, scene)}
        clear = [leap for leap, level in levels.items() if level >= SEEN_LEVELS]
        if clear:
            return self._best_leap(end, scene, clear)
        clearest = max(levels, key=lambda leap: levels[leap], default=None)
        return clearest if clearest is not None and levels[clearest] >= FELT_LEVELS else None

    def _last_start_in(self, scene: Scene) -> int:
        """The last cut point that leaves room for a shot after it."""
        shortest_s = max(SHORTEST_SHOT_S, _LAST_SHOT_SHARE * self._rhythm.shot_s)
        latest_s = self._times_s[self._last_in(scene)] - shortest_s
        return int(np.searchsorted(self._times_s, latest_s + 1e-6, side="right")) - 1

    def _leaps(self, place: int, scene: Scene) -> list[int]:
        """Leaps of whole beats or bars, or of any length, that end between words and leave room for a shot."""
        longest_s = min(_LONGEST_LEAP_S, _LONGEST_LEAP_SHOTS * self._rhythm.shot_s)
        most = max(self._leap, int(longest_s / self._points.step_s))
        step = self._leap if self._points.musical else _FREE_STEP
        leaps = range(self._leap, min(most, self._last_start_in(scene) - place) + 1, step)
        return [leap for leap in leaps if not self._in_word[place + leap]]

    def _best_leap(self, place: int, scene: Scene, leaps: list[int]) -> int | None:
        """The leap that loses least: of what it drops, and of what the next shot shows."""
        if not leaps:
            return None
        ends_s, worth = float(scene.end_s), self._taste.worth

        def loss(leap: int) -> float:
            start_s = self._times_s[place + leap]
            stop_s = min(start_s + self._rhythm.shot_s, ends_s)
            shown = worth(start_s, stop_s) * self._rhythm.shot_s / max(stop_s - start_s, 1e-6)
            return float(worth(self._times_s[place], start_s) - shown)

        return min(leaps, key=loss)

    def _ended_at_rate(self, kept: list[Kept]) -> tuple[Kept, ...]:
        """Ends the output where its joins per minute are the rhythm's, half a join more or less."""
        shot_s = self._rhythm.shot_s
        least_s = _KEPT_AT_END_SHARE * _length_s(kept)
        while len(kept) > 1 and _surplus(kept, shot_s) > 0.5 and _length_s(kept[:-1]) >= least_s:
            kept = kept[:-1]
        if kept and _surplus(kept, shot_s) < -0.5:
            kept[-1] = self._trimmed(kept[-1], float(-_surplus(kept, shot_s) - 0.5) * shot_s)
        return tuple(kept)

    def _trimmed(self, last: Kept, surplus_s: float) -> Kept:
        wanted_s = float(last.end_s) - surplus_s
        latest = int(np.searchsorted(self._times_s, wanted_s + 1e-6, side="right")) - 1
        shortest = int(np.searchsorted(self._times_s, float(last.start_s) + SHORTEST_SHOT_S))
        between_words = [place for place in range(shortest, latest + 1) if not self._in_word[place]]
        place = between_words[-1] if between_words else max(latest, shortest)
        return replace(last, end_s=min(last.end_s, self._points.at_s[place]))


def _surplus(kept: list[Kept], shot_s: float) -> float:
    """Joins more than the rhythm has in the same time."""
    return len(kept) - 1 - _length_s(kept) / shot_s


def _length_s(kept: Sequence[Kept]) -> float:
    return float(sum(piece.length_s for piece in kept))

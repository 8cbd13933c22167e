"""Gradual joins: where the scene changes within about a second, which kind of transition explains the frames best."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from clipzy_server.analysis.picture.accepted import Candidate, Gradual, accepted, changes_wholly, kind_of
from clipzy_server.analysis.picture.compare import is_another_scene, level_difference
from clipzy_server.analysis.picture.features import Features
from clipzy_server.analysis.picture.plausible import is_blank
from clipzy_server.analysis.picture.reading import Reading, read_window
from clipzy_server.analysis.picture.shot_ends import Window
from clipzy_server.domain.analysis import Join
from clipzy_server.domain.style import Easing, TransitionType

Read = Callable[[Features, Window, Window, Window], Reading | None]

# The kernels, which need no lock of Python's, take most of the time.
THREADS = 2
REACH_S = 0.45
STEP_S = 0.1
# Scene difference of frames 0.9 s apart that makes a place worth looking at.
CHANGED = 0.4
LEAST_LEVELS = 4.0
CENTRES_S = 0.25
REACHES_S = (1.3, 0.7, 0.35)
LONGEST_S = 3.2
# What is looked at beside a transition on either side: this share of its length, but no less and no more than so much.
ROOM_SHARE = 0.45
LEAST_ROOM_S, MOST_ROOM_S = 0.15, 0.35
ROUNDS = 6
# What is this uncertain after so many looks does not become a join: in films that move, nearly all that is looked at.
DOUBTED_ROUNDS, DOUBTFUL = 2, 0.2
# A look from a window that ends within a transition flatters what it sees: only this much more confidence counts.
CLEARLY = 0.15
# The frames that stand for the shots lie so far (frames) beside what was found.
BESIDE = 2
# A shot that is seen alone for fewer frames than that is none.
LEAST_ALONE = 3
CLEAN_S = 0.12
CLEAN_SHARE = 0.6
LONGEST_HOLD_S = 2.0
# Where so much of the cut's error is left, no transition is worth a second look.
LARGEST_ERROR_SHARE = 0.7
# Explained so well, nothing else is looked for.
SURE = 0.75
# A whole transition takes away so much more of the error than a piece of it.
WHOLE_EXPLAINS = 1.2


@dataclass(frozen=True, slots=True)
class Look:
    """What is found around one frame.

    `alike`: stretches (first, last frame) of what would be a join, if more changed from one end to the other: there is
    none inside them either.
    """

    found: list[Candidate]
    alike: list[tuple[int, int]]


def find_gradual(features: Features, runs: list[list[int]], cuts: list[int]) -> list[Gradual]:
    """Gradual joins wherever the scene changes (`changing_places`), unless a clean cut explains it."""
    reach, step = (max(1, round(seconds / features.usual_step_s)) for seconds in (REACH_S, CENTRES_S))
    clean = [cut for cut in cuts if is_clean_cut(features, cut)]
    centres = [[c for c in _centres(run, step) if all(abs(c - cut) > reach for cut in clean)] for run in runs]
    search = _Search(features, clean)
    search.look_ahead([run for run in centres if run])
    found: list[Candidate] = []
    for run in centres:
        for centre in run:
            if not _explains(found, centre):
                found += search.look(centre, run).found
    return joined_fades(features, best_apart([one for one in found if _has_both_shots(one.gradual, clean)]))


class _Search:
    """Looks around the centres of runs, at most once around each."""

    def __init__(self, features: Features, clean: list[int]) -> None:
        self._features, self._clean = features, clean
        self._looks: dict[int, Look] = {}

    def look(self, centre: int, run: list[int]) -> Look:
        """Around a centre of a run. What the first of its centres has shown to be no join is not looked at again."""
        if centre not in self._looks:
            known = self._looks[run[0]].alike if centre != run[0] else []
            self._looks[centre] = look_around(self._features, centre, self._clean, known)
            self._features.let_go()
        return self._looks[centre]

    def look_ahead(self, runs: list[list[int]]) -> None:
        """Look around all that is not explained by then, with threads. Fewer may turn out to be needed, or more."""
        with ThreadPoolExecutor(THREADS) as pool:

            def look_all_over(run: list[int]) -> list[Future[None]]:
                self.look(run[0], run)
                return [pool.submit(look_again, centre, run) for centre in run[1:]]

            def look_again(centre: int, run: list[int]) -> None:
                if not _explains([one for look in list(self._looks.values()) for one in look.found], centre):
                    self.look(centre, run)

            for others in list(pool.map(look_all_over, runs)):
                for other in others:
                    other.result()


def _has_both_shots(gradual: Gradual, clean: list[int]) -> bool:
    """Whether both shots are seen alone beside it; a fade from or to blankness needs but one.

    What begins with the video or with a clean cut is fog that lifts. A video may end with a join, as one made to be
    looped does.
    """
    begins = any(0 <= gradual.first - edge < LEAST_ALONE for edge in [0, *clean])
    ends = any(0 < cut - gradual.last <= LEAST_ALONE for cut in clean)
    return gradual.join.type is TransitionType.FADE or not (begins or ends)


def _explains(found: list[Candidate], centre: int) -> bool:
    return any(one.gradual.first <= centre <= one.gradual.last for one in found)


def changing_places(features: Features) -> list[list[int]]:
    """Runs of frames (every 0.1 s) around which the scene changes for good, one run per change or row of changes."""
    reach = max(1, round(REACH_S / features.usual_step_s))
    step = max(1, round(STEP_S / features.usual_step_s))
    last = features.frame_count - 1
    runs: list[list[int]] = []
    for centre in features.passing(step):
        first, end = max(0, centre - reach), min(last, centre + reach)
        changes = level_difference(features, first, end) >= LEAST_LEVELS
        if not changes or not is_another_scene(features, first, end, CHANGED):
            continue
        if not runs or centre - runs[-1][-1] > step:
            runs.append([])
        runs[-1].append(centre)
    return runs


def is_clean_cut(features: Features, cut: int, share: float = CLEAN_SHARE) -> bool:
    """Whether nothing but the step at a cut, or less than this share of it, changes the levels around it."""
    near = max(2, round(CLEAN_S / features.usual_step_s))
    before, after = max(0, cut - 1 - near), min(features.frame_count - 1, cut + near)
    around = level_difference(features, before, cut - 1) + level_difference(features, cut, after)
    return around < share * level_difference(features, cut - 1, cut)


def _centres(run: list[int], step: int) -> list[int]:
    """Frames all over a run, its middle first."""
    middle = (run[0] + run[-1]) // 2
    others = [*range(middle + step, run[-1] + 1, step), *range(middle - step, run[0] - 1, -step)]
    return [middle, *sorted(others, key=lambda frame: abs(frame - middle))]


def look_around(features: Features, centre: int, clean: list[int], alike: list[tuple[int, int]]) -> Look:
    """The transitions found from ever smaller windows, until one is explained well; windows end at clean cuts.

    `alike`: as in `Look`, what is known already.
    """
    low = max((cut for cut in clean if cut <= centre), default=0)
    high = min((cut for cut in clean if cut > centre), default=features.frame_count)
    look = Look([], list(alike))

    def is_none(reading: Reading) -> bool:
        inside = [(a, z) for a, z in look.alike if a <= reading.first and reading.last <= z]
        return not all(changes_wholly(features, a, z, kind_of(reading)) for a, z in inside)

    for reach_s in REACHES_S:
        reach = round(reach_s / features.usual_step_s)
        window = Window(max(low, centre - reach), min(high, centre + 1 + reach))
        reading = settled(features, centre, window, Window(low, high), read_window, is_none)
        candidate = None if reading is None else accepted(features, reading)
        if candidate is not None:
            look.found.append(candidate)
            if candidate.gradual.join.confidence >= SURE:
                break
        elif reading is not None and not changes_wholly(features, reading.first, reading.last, kind_of(reading)):
            look.alike.append((reading.first, reading.last))
    return look


def settled(
    features: Features,
    centre: int,
    window: Window,
    room: Window,
    read: Read,
    is_none: Callable[[Reading], bool] = lambda _: False,
) -> Reading | None:
    """Read a window, look again at what the transition at its centre needs, until that is what was looked at.

    The last reading counts, unless one before was clearly more certain. None where no gradual transition explains it,
    or one that is longer than any, or `is_none`.
    """
    best, at, alone, surest = None, centre, window, 0.0
    for looks in range(1, ROUNDS + 1):
        reading = read(features, window, room, alone)
        if reading is None or reading.error_share > LARGEST_ERROR_SHARE:
            break
        if is_none(reading):
            return None
        surest = max(surest, reading.confidence)
        if looks >= DOUBTED_ROUNDS and surest < DOUBTFUL:
            break
        length = reading.last - reading.first
        room_s = np.clip(ROOM_SHARE * length * features.usual_step_s, LEAST_ROOM_S, MOST_ROOM_S)
        side = max(3, round(room_s / features.usual_step_s))
        if length * features.usual_step_s > LONGEST_S or not reading.first - side <= at <= reading.last + side:
            break
        if _is_closed(reading, window, room) and (best is None or reading.confidence > best.confidence - CLEARLY):
            best, at = reading, (reading.first + reading.last) // 2
        wanted = Window(max(room.start, reading.first - side), min(room.end, reading.last + 1 + side))
        closer = Window(max(wanted.start, reading.first - BESIDE), min(wanted.end, reading.last + BESIDE + 1))
        if (wanted, closer) == (window, alone):
            break
        window, alone = wanted, closer
    return best


def _is_closed(reading: Reading, window: Window, room: Window) -> bool:
    """Whether something of the shots on both sides is seen beside the transition.

    Where there is nothing more, a fade from or to blankness may begin or end.
    """
    early, late = reading.fit.first == 0, reading.fit.last == len(reading.frames) - 1
    early = early and (window.start > room.start or not is_blank(reading.planes[0]))
    return not early and not (late and (window.end < room.end or not is_blank(reading.planes[-1])))


def best_apart(found: list[Candidate]) -> list[Gradual]:
    """Of those that overlap, the sure ones, then what explains most; in order. Pieces of a whole don't count."""
    whole = [one for one in found if not any(_is_piece(one, other) for other in found)]
    chosen: list[Gradual] = []
    for candidate in sorted(whole, key=lambda c: (c.gradual.join.confidence < SURE, -c.worth)):
        one = candidate.gradual
        if all(one.first >= other.last - 1 or one.last <= other.first + 1 for other in chosen):
            chosen.append(one)
    return sorted(chosen, key=lambda gradual: gradual.first)


def _is_piece(one: Candidate, other: Candidate) -> bool:
    """Whether a transition is a piece of a longer one of its kind, as one finds in a window that is too narrow."""
    part, whole = one.gradual, other.gradual
    inside = (
        part.first >= whole.first - 1
        and part.last <= whole.last + 1
        and part.last - part.first < whole.last - whole.first
    )
    return part.join.type is whole.join.type and inside and other.explained >= WHOLE_EXPLAINS * one.explained


def joined_fades(features: Features, graduals: list[Gradual]) -> list[Gradual]:
    """A fade to blankness and the fade from it, whatever the hold between them, are one fade."""
    joined: list[Gradual] = []
    for gradual in graduals:
        if joined and _holds_blank(features, joined[-1], gradual):
            before = joined.pop()
            start_s = before.join.start_s
            duration_s = gradual.join.start_s + gradual.join.duration_s - start_s
            confidence = min(before.join.confidence, gradual.join.confidence)
            join = Join(TransitionType.FADE, start_s, duration_s, Easing.LINEAR, confidence)
            joined.append(Gradual(before.first, gradual.last, join))
        else:
            joined.append(gradual)
    return joined


def _holds_blank(features: Features, before: Gradual, after: Gradual) -> bool:
    if before.join.type is not TransitionType.FADE or after.join.type is not TransitionType.FADE:
        return False
    if float(features.times[after.first] - features.times[before.last]) > LONGEST_HOLD_S:
        return False
    low, high = min(before.last, after.first), max(before.last, after.first) + 1
    return all(is_blank(features.thumb_y[frame].astype(np.float32)) for frame in range(low, high))

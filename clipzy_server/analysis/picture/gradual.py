"""Gradual joins: where the scene changes within about a second, which kind of transition explains the frames best."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from clipzy_server.analysis.picture.compare import (
    comes_back,
    is_another_scene,
    is_lasting,
    level_difference,
    scene_difference,
    share_kept,
    structure_difference,
)
from clipzy_server.analysis.picture.features import Features
from clipzy_server.analysis.picture.plausible import changes_all_over, fades_half_way, is_blank, is_blurred
from clipzy_server.analysis.picture.reading import Reading, read_window
from clipzy_server.analysis.picture.shot_ends import Window
from clipzy_server.analysis.picture.travel import agreement, goes_on
from clipzy_server.domain.analysis import Join
from clipzy_server.domain.style import Easing, TransitionType

Read = Callable[[Features, Window, Window, Window], Reading | None]

# The kernels, which need no lock of Python's, take most of the time.
THREADS = 2
REACH_S = 0.45
STEP_S = 0.1
# Scene difference of frames 0.9 s apart that makes a place worth looking at.
CHANGED = 0.4
# And of the shots on both sides of a join: a title that fades in is a dissolve of a part.
CHANGED_WHOLLY = {TransitionType.DISSOLVE: 0.55, TransitionType.FADE: 0.55}
OTHER_CHANGED_WHOLLY = 0.3
# Of what either shot shows, so much is not found in the other: a camera, fog or a title would leave more.
GONE_WHOLLY = dict.fromkeys(set(TransitionType) - {TransitionType.SLIDE}, 0.68)
# More of the picture than that stays as it is: words came, or a part grew brighter; unless so much is not found again.
MOST_KEPT = 0.2
GONE_SURELY = 0.75
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
# Logarithm of 1 + cost / expected cost, mean over the frames: beyond this no mixture has been explained, unless a small
# share of the cut's error is left, as between two still shots.
LARGEST_MISFIT, SMALL_ERROR_SHARE = 2.0, 0.2
# Shorter than this, a cut and a blended frame look the same.
LEAST_SPAN_FRAMES = 3
LEAST_NOVELTY = 0.3
MIXTURES = (TransitionType.DISSOLVE, TransitionType.FADE)
# What moves in a shot is more like a mixture than like an edge that crosses all of it; a zoom's own motion is seen.
LEAST_CONFIDENCE = {
    TransitionType.DISSOLVE: 0.57,
    TransitionType.FADE: 0.6,
    TransitionType.WIPE: 0.4,
    TransitionType.SLIDE: 0.45,
    TransitionType.ZOOM: 0.3,
}
# Where the curve is a gentle one: with more curves, more of what is no transition fits.
LEAST_GENTLE_CONFIDENCE = 0.65
# How much of the motion that the transition makes must be seen; of 0 where a camera or an animal moves otherwise.
LEAST_AGREEMENT = {TransitionType.SLIDE: 0.35, TransitionType.ZOOM: 0.1}
# Explained so well, nothing else is looked for.
SURE = 0.75
# A whole transition takes away so much more of the error than a piece of it.
WHOLE_EXPLAINS = 1.2


@dataclass(frozen=True, slots=True)
class Gradual:
    """A gradual join: last frame of the old shot alone, first frame of the new one alone, and what it is."""

    first: int
    last: int
    join: Join


@dataclass(frozen=True, slots=True)
class Candidate:
    """A gradual join and how much of a cut's error it takes away (levels² · frames)."""

    gradual: Gradual
    explained: float

    @property
    def worth(self) -> float:
        """What it explains, and how certainly."""
        return self.explained * self.gradual.join.confidence**2


def find_gradual(features: Features, runs: list[list[int]], cuts: list[int]) -> list[Gradual]:
    """Gradual joins wherever the scene changes (`changing_places`), unless a clean cut explains it."""
    reach, step = (max(1, round(seconds / features.usual_step_s)) for seconds in (REACH_S, CENTRES_S))
    clean = [cut for cut in cuts if is_clean_cut(features, cut)]
    centres = [[c for c in _centres(run, step) if all(abs(c - cut) > reach for cut in clean)] for run in runs]
    looks: dict[int, list[Candidate]] = {}

    def look(centre: int) -> None:
        if not _explains([one for found in list(looks.values()) for one in found], centre):
            looks[centre] = _narrowing(features, centre, clean)
            features.let_go()

    with ThreadPoolExecutor(THREADS) as pool:
        # What the first look at a run finds may save the others.
        list(pool.map(look, [some[0] for some in centres if some]))
        list(pool.map(look, [centre for some in centres for centre in some[1:]]))
    found: list[Candidate] = []
    for centre in (centre for some in centres for centre in some):
        if not _explains(found, centre):
            # Looked at already, unless what explained it is itself explained by something earlier.
            found.extend(looks[centre] if centre in looks else _narrowing(features, centre, clean))
    return joined_fades(features, best_apart([one for one in found if _has_both_shots(one.gradual, clean)]))


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


def _narrowing(features: Features, centre: int, clean: list[int]) -> list[Candidate]:
    """The transitions found from ever smaller windows, until one is explained well; windows end at clean cuts."""
    low = max((cut for cut in clean if cut <= centre), default=0)
    high = min((cut for cut in clean if cut > centre), default=features.frame_count)
    found = []
    for reach_s in REACHES_S:
        reach = round(reach_s / features.usual_step_s)
        window = Window(max(low, centre - reach), min(high, centre + 1 + reach))
        reading = settled(features, centre, window, Window(low, high))
        candidate = None if reading is None else accepted(features, reading)
        if candidate is not None:
            found.append(candidate)
            if candidate.gradual.join.confidence >= SURE:
                break
    return found


def settled(features: Features, centre: int, window: Window, room: Window, read: Read = read_window) -> Reading | None:
    """Read a window, look again at what the transition at its centre needs, until that is what was looked at.

    The last reading counts, unless one before was clearly more certain. None where no gradual transition explains it,
    or one that is longer than any.
    """
    best, at, alone, surest = None, centre, window, 0.0
    for looks in range(1, ROUNDS + 1):
        reading = read(features, window, room, alone)
        if reading is None or reading.error_share > LARGEST_ERROR_SHARE:
            break
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


def accepted(features: Features, reading: Reading) -> Candidate | None:
    """The reading as a join, or None where it is no convincing one."""
    fit, kind = reading.fit, reading.fit.table.type
    inside = reading.planes[fit.first : fit.last + 1]
    if kind is TransitionType.DISSOLVE and (is_blank(inside[0]) or is_blank(inside[-1])):
        kind = TransitionType.FADE
    sure = reading.confidence >= (LEAST_GENTLE_CONFIDENCE if fit.gentle else LEAST_CONFIDENCE[kind])
    if not sure or not _is_explained(reading) or not _is_plausible(features, reading, kind):
        return None
    return Candidate(joined(features, reading, kind), reading.explained)


def joined(features: Features, reading: Reading, kind: TransitionType) -> Gradual:
    """The join of a kind that a reading tells of."""
    start_s, end_s = float(features.times[reading.first]), float(features.times[reading.last])
    join = Join(kind, start_s, end_s - start_s, reading.fit.easing, reading.confidence)
    return Gradual(reading.first, reading.last, join)


def _is_explained(reading: Reading) -> bool:
    """Whether there are two pictures, and the frames between come of them."""
    fits = reading.misfit <= LARGEST_MISFIT or reading.error_share <= SMALL_ERROR_SHARE
    fits = fits or reading.fit.table.type not in MIXTURES
    long_enough = reading.last - reading.first >= LEAST_SPAN_FRAMES
    return long_enough and fits and reading.fit.table.novelty >= LEAST_NOVELTY


def _is_plausible(features: Features, reading: Reading, kind: TransitionType) -> bool:
    """Whether the scene changes for good, all over, and in the way of the kind, which is a fade for half a fade too."""
    fit, first, last = reading.fit, reading.first, reading.last
    inside = reading.planes[fit.first : fit.last + 1]
    if scene_difference(features, first, last) < CHANGED_WHOLLY.get(kind, OTHER_CHANGED_WHOLLY):
        return False
    gone = structure_difference(features, first, last)
    stays = gone < GONE_SURELY and share_kept(features, first, last) >= MOST_KEPT
    if stays or gone < GONE_WHOLLY.get(kind, 0.0):
        return False
    if fit.table.type is TransitionType.FADE and not fades_half_way(inside, fit.easing):
        return False
    if agreement(features, reading) < LEAST_AGREEMENT.get(kind, 0.0):
        return False
    told = reading.ends.weights[fit.first : fit.last + 1].mean(axis=0)
    changes = changes_all_over(inside, reading.ends.olds[fit.last], told, kind)
    lasts = is_lasting(features, first, last) and not comes_back(features, first, last)
    is_pan = kind is TransitionType.SLIDE and (is_blurred(features, first, last) or goes_on(features, reading))
    return changes and lasts and not is_pan


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

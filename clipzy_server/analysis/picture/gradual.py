"""Gradual joins: where the scene changes within about a second, which kind of transition explains the frames best."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clipzy_server.analysis.picture.blends import Explanation, explain
from clipzy_server.analysis.picture.compare import level_difference, scene_difference
from clipzy_server.analysis.picture.features import Features
from clipzy_server.analysis.picture.progress import Progress, fit_curve
from clipzy_server.domain.analysis import Join
from clipzy_server.domain.style import Easing, TransitionType

REACH_S = 0.45
STEP_S = 0.1
CHANGED = 0.4
LEAST_LEVELS = 4.0
CENTRES_S = 0.25
WINDOWS_S = (0.6, 1.1, 2.0)
ROOM_S = 0.35
# A transition that comes nearer to its window's side than this part of the window may go on beyond it.
EDGE_PARTS = 24
CLEAN_S = 0.12
CLEAN_SHARE = 0.6
LONGEST_HOLD_S = 2.0
WINDOW_FRAMES = 64
# A transition has to leave at most this share of the error that a cut at the best place would leave.
LARGEST_ERROR_SHARE = 0.6
LARGEST_CURVE_ERROR = 0.12
# Shorter than this, a cut and a blended frame look the same.
LEAST_SPAN_FRAMES = 3
# Kinds that have more freedom must explain more than a dissolve does.
HANDICAP = {TransitionType.DISSOLVE: 1.0, TransitionType.FADE: 1.0, TransitionType.ZOOM: 1.25}
OTHER_HANDICAP = 1.1
BLANK_SPREAD = 2.5
LEAST_CONFIDENCE = 0.5
# Root mean square distances from the curve at which nothing is left of the confidence.
MIXED_CURVE_ERROR = 0.2
MOVED_CURVE_ERROR = 0.08
# Half way a fade has lost its contrast; between two frames of a short one this much may be left.
LARGEST_FADED_SHARE = 0.45
CHANGED_LEVELS = 4.0
CHANGED_AREA = 0.4


@dataclass(frozen=True, slots=True)
class Gradual:
    """A gradual join: last frame of the old shot alone, first frame of the new one alone, and what it is."""

    first: int
    last: int
    join: Join


@dataclass(frozen=True, slots=True)
class Window:
    """Frames start … end − 1 (indices) around a change."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A gradual join and how much better it explains its frames than a cut does (frames · log of the ratio)."""

    gradual: Gradual
    gain: float

    @property
    def worth(self) -> float:
        """Grows with what is explained and, more, with how well."""
        return self.gain * self.gradual.join.confidence**2


def changing_places(features: Features) -> list[list[int]]:
    """Runs of frames (every 0.1 s) around which the scene changes for good, one run per change or row of changes."""
    reach = max(1, round(REACH_S / features.usual_step_s))
    step = max(1, round(STEP_S / features.usual_step_s))
    last = features.frame_count - 1
    runs: list[list[int]] = []
    for centre in range(0, last + 1, step):
        first, end = max(0, centre - reach), min(last, centre + reach)
        if level_difference(features, first, end) < LEAST_LEVELS or scene_difference(features, first, end) < CHANGED:
            continue
        if not runs or centre - runs[-1][-1] > step:
            runs.append([])
        runs[-1].append(centre)
    return runs


def find_gradual(features: Features, cuts: list[int]) -> list[Gradual]:
    """Gradual joins wherever the scene changes, unless a clean cut explains it."""
    reach = max(1, round(REACH_S / features.usual_step_s))
    clean = [cut for cut in cuts if is_clean_cut(features, cut)]
    found: list[Candidate] = []
    for run in changing_places(features):
        for centre in _centres(run, max(1, round(CENTRES_S / features.usual_step_s))):
            explained = any(c.gradual.first <= centre <= c.gradual.last for c in found)
            if not explained and all(abs(centre - cut) > reach for cut in clean):
                found.extend(_widening(features, centre, clean))
    return joined_fades(features, _best_apart(found))


def is_clean_cut(features: Features, cut: int) -> bool:
    """Whether nothing but the step at a cut changes the levels around it."""
    near = max(2, round(CLEAN_S / features.usual_step_s))
    before, after = max(0, cut - 1 - near), min(features.frame_count - 1, cut + near)
    around = level_difference(features, before, cut - 1) + level_difference(features, cut, after)
    return around < CLEAN_SHARE * level_difference(features, cut - 1, cut)


def _centres(run: list[int], step: int) -> list[int]:
    """Frames all over a run, its middle first."""
    middle = (run[0] + run[-1]) // 2
    others = [*range(middle + step, run[-1] + 1, step), *range(middle - step, run[0] - 1, -step)]
    return [middle, *sorted(others, key=lambda frame: abs(frame - middle))]


def _widening(features: Features, centre: int, clean: list[int]) -> list[Candidate]:
    """The transition in the smallest of ever larger windows that holds all of one; windows end at clean cuts."""
    low = max((cut for cut in clean if cut <= centre), default=0)
    high = min((cut for cut in clean if cut > centre), default=features.frame_count)
    for window_s in WINDOWS_S:
        reach = round(window_s / features.usual_step_s)
        window = Window(max(low, centre - reach), min(high, centre + 1 + reach))
        candidate = read_transition(features, window)
        if candidate is not None and not _is_open(features, candidate.gradual, window):
            return [candidate, *_centred(features, candidate.gradual, low, high)]
    return []


def _centred(features: Features, gradual: Gradual, low: int, high: int) -> list[Candidate]:
    """The same once more, in a window that leaves as much room on either side."""
    room = (gradual.last - gradual.first) // 2 + round(ROOM_S / features.usual_step_s)
    window = Window(max(low, gradual.first - room), min(high, gradual.last + 1 + room))
    candidate = read_transition(features, window)
    return [candidate] if candidate is not None and not _is_open(features, candidate.gradual, window) else []


def _is_open(features: Features, gradual: Gradual, window: Window) -> bool:
    """Whether a transition touches a side of its window, beyond which it may go on.

    Where the video begins or ends there is nothing beyond: a fade may begin or end there.
    """
    margin = 1 + (window.end - window.start) // EDGE_PARTS
    fades = gradual.join.type is TransitionType.FADE
    early = gradual.first < window.start + margin and not (fades and window.start == 0)
    late = gradual.last > window.end - 1 - margin and not (fades and window.end == features.frame_count)
    return early or late


def _best_apart(found: list[Candidate]) -> list[Gradual]:
    """Of those that overlap, the ones that explain most; in order."""
    chosen: list[Gradual] = []
    for candidate in sorted(found, key=lambda c: -c.worth):
        one = candidate.gradual
        if all(one.first >= other.last - 1 or one.last <= other.first + 1 for other in chosen):
            chosen.append(one)
    return sorted(chosen, key=lambda gradual: gradual.first)


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


def read_transition(features: Features, window: Window) -> Candidate | None:
    """The transition inside a window, or None where no gradual one explains it."""
    frames = np.arange(window.start, window.end)
    if len(frames) > WINDOW_FRAMES:
        frames = frames[:: int(np.ceil(len(frames) / WINDOW_FRAMES))]
    if len(frames) < 4:
        return None
    pictures = halved(features.thumb_y[frames])
    old, new = 0, len(frames) - 1
    reading = None
    for _ in range(3):
        reading = _best(features.times[frames], pictures, old, new)
        if reading is None:
            return None
        tighter = max(0, reading.progress.first - 1), min(len(frames) - 1, reading.progress.last + 1)
        if tighter == (old, new):
            break
        old, new = tighter
    return _accepted(features, frames, pictures, reading) if reading is not None else None


@dataclass(frozen=True, slots=True)
class Reading:
    """The best kind within a window, its curve, and the share of the cut's error that it leaves."""

    explanation: Explanation
    progress: Progress
    error_share: float


def _best(times_s: NDArray[np.float64], pictures: NDArray[np.float32], old: int, new: int) -> Reading | None:
    cut, *others = explain(pictures, pictures[old], pictures[new])
    inside = slice(old, new + 1)
    floor = 0.5 * new - 0.5 * old + 1
    least = float(cut.error[inside].sum()) + floor
    best, best_cost = None, np.inf
    # From or to blankness, half a fade is a mixture like any other; a whole one has blankness within.
    half = is_blank(pictures[old]) or is_blank(pictures[new])
    for explanation in others:
        if half and explanation.type is TransitionType.FADE:
            continue
        cost = (float(explanation.error[inside].sum()) + floor) * HANDICAP.get(explanation.type, OTHER_HANDICAP)
        if cost < best_cost:
            best, best_cost = explanation, cost
    if best is None:
        return None
    progress = best.progress.copy()
    progress[:old], progress[new + 1 :] = 0.0, 1.0
    return Reading(best, fit_curve(np.ascontiguousarray(times_s), progress), best_cost / least)


def _accepted(
    features: Features, frames: NDArray[np.intp], pictures: NDArray[np.float32], reading: Reading
) -> Candidate | None:
    progress = reading.progress
    first, last = int(frames[progress.first]), int(frames[progress.last])
    if (
        last - first < LEAST_SPAN_FRAMES
        or progress.error > LARGEST_CURVE_ERROR
        or reading.error_share > LARGEST_ERROR_SHARE
    ):
        return None
    kind, easing = reading.explanation.type, progress.easing
    inside = pictures[progress.first : progress.last + 1]
    if kind is TransitionType.DISSOLVE and (is_blank(inside[0]) or is_blank(inside[-1])):
        kind = TransitionType.FADE
    confidence = trust(kind, reading.error_share, progress.error)
    if confidence < LEAST_CONFIDENCE or not changes_all_over(inside, kind):
        return None
    if scene_difference(features, first, last) < CHANGED:
        return None
    start_s, end_s = float(features.times[first]), float(features.times[last])
    join = Join(kind, start_s, end_s - start_s, Easing(easing), confidence)
    return Candidate(Gradual(first, last, join), (last - first) * float(np.log(1 / max(reading.error_share, 1e-3))))


def trust(kind: TransitionType, error_share: float, curve_error: float) -> float:
    """Confidence 0.05…0.99 of a transition.

    Mixtures must explain the levels, as any slow change runs smoothly from one picture to another. An edge or a size
    that follows an eased curve closely is hardly chance, though moving pictures leave much of the levels unexplained.
    """
    explained = 1 - error_share
    if kind in {TransitionType.DISSOLVE, TransitionType.FADE}:
        sure = explained * (1 - curve_error / MIXED_CURVE_ERROR)
    else:
        sure = np.sqrt(max(explained, 0)) * (1 - curve_error / MOVED_CURVE_ERROR)
    return float(np.clip(sure, 0.05, 0.99))


def changes_all_over(pictures: NDArray[np.float32], kind: TransitionType) -> bool:
    """Whether most of the picture changes, as it does between two scenes; a fade also has to lose its contrast."""
    contrasts = pictures.std(axis=(1, 2))
    if kind is TransitionType.FADE and contrasts.min() > LARGEST_FADED_SHARE * max(contrasts[0], contrasts[-1]):
        return False
    return float(np.mean(np.abs(pictures[-1] - pictures[0]) >= CHANGED_LEVELS)) >= CHANGED_AREA


def is_blank(picture: NDArray[np.float32]) -> bool:
    """Nothing but one level of black or white."""
    level = float(np.median(picture))
    return float(picture.std()) < BLANK_SPREAD and (level < 26 or level > 225)


def halved(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """uint8[n, h, w] → float32[n, h // 2, w // 2], means of 2 × 2 px."""
    n, height, width = pictures.shape
    blocks = pictures[:, : height // 2 * 2, : width // 2 * 2].astype(np.float32)
    return np.ascontiguousarray(blocks.reshape(n, height // 2, 2, width // 2, 2).mean(axis=(2, 4)))

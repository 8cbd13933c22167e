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
WINDOW_S = 0.95
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


@dataclass(frozen=True, slots=True)
class Gradual:
    """A gradual join: last frame of the old shot alone, first frame of the new one alone, and what it is."""

    first: int
    last: int
    join: Join


@dataclass(frozen=True, slots=True)
class Window:
    """Frames start … end − 1 (indices) around a change that has its middle near `centre`."""

    start: int
    centre: int
    end: int


def changing_places(features: Features) -> list[int]:
    """Frames near which the scene changes for good, one per change."""
    reach = max(1, round(REACH_S / features.usual_step_s))
    step = max(1, round(STEP_S / features.usual_step_s))
    last = features.frame_count - 1
    runs: list[list[tuple[int, float]]] = []
    previous = -2 * step
    for centre in range(0, last + 1, step):
        first, end = max(0, centre - reach), min(last, centre + reach)
        if level_difference(features, first, end) < LEAST_LEVELS:
            continue
        changed = scene_difference(features, first, end)
        if changed < CHANGED:
            continue
        if centre - previous > step:
            runs.append([])
        runs[-1].append((centre, changed))
        previous = centre
    return [round(float(np.mean([centre for centre, _ in run]))) for run in runs]


def find_gradual(features: Features, cuts: list[int]) -> list[Gradual]:
    """Gradual joins near the cuts found so far and wherever else the scene changes."""
    reach = max(1, round(REACH_S / features.usual_step_s))
    places = [p for p in changing_places(features) if all(abs(p - cut) > reach for cut in cuts)]
    centres = sorted({*places, *cuts})
    found: list[Gradual] = []
    for number in range(len(centres)):
        window = _window(features, centres, number)
        gradual = read_transition(features, window)
        if gradual is not None and (not found or gradual.first >= found[-1].last - 1):
            found.append(gradual)
    return found


def _window(features: Features, centres: list[int], number: int) -> Window:
    """As long as a transition may be, but no farther than a bit over half way to the neighbours."""
    centre = centres[number]
    reach = round(WINDOW_S / features.usual_step_s)
    before = centre - centres[number - 1] if number > 0 else 2 * reach
    after = centres[number + 1] - centre if number + 1 < len(centres) else 2 * reach
    start = max(0, centre - min(reach, round(0.6 * before)))
    return Window(start, centre, min(features.frame_count, centre + 1 + min(reach, round(0.6 * after))))


def read_transition(features: Features, window: Window) -> Gradual | None:
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
    for explanation in others:
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
) -> Gradual | None:
    progress = reading.progress
    first, last = int(frames[progress.first]), int(frames[progress.last])
    if (
        last - first < LEAST_SPAN_FRAMES
        or progress.error > LARGEST_CURVE_ERROR
        or reading.error_share > LARGEST_ERROR_SHARE
    ):
        return None
    if scene_difference(features, first, last) < CHANGED:
        return None
    kind, easing = reading.explanation.type, progress.easing
    if kind is TransitionType.DISSOLVE and (is_blank(pictures[progress.first]) or is_blank(pictures[progress.last])):
        kind = TransitionType.FADE
    start_s, end_s = float(features.times[first]), float(features.times[last])
    confidence = float(
        np.clip((1 - reading.error_share) * (1 - progress.error / (2 * LARGEST_CURVE_ERROR)), 0.05, 0.99)
    )
    return Gradual(first, last, Join(kind, start_s, end_s - start_s, Easing(easing), confidence))


def is_blank(picture: NDArray[np.float32]) -> bool:
    """Nothing but one level of black or white."""
    level = float(np.median(picture))
    return float(picture.std()) < BLANK_SPREAD and (level < 26 or level > 225)


def halved(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """uint8[n, h, w] → float32[n, h // 2, w // 2], means of 2 × 2 px."""
    n, height, width = pictures.shape
    blocks = pictures[:, : height // 2 * 2, : width // 2 * 2].astype(np.float32)
    return np.ascontiguousarray(blocks.reshape(n, height // 2, 2, width // 2, 2).mean(axis=(2, 4)))

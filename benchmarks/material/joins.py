"""Joins between scenes: every kind of transition at a share p of the new picture."""

from dataclasses import dataclass

import numpy as np

from benchmarks.material.scenes import NEUTRAL, Picture, Plane, Scene, played, view
from clipzy_server.domain.style import Easing, TransitionType

BLACK, WHITE = 16.0, 235.0
CURVES = {
    Easing.LINEAR: lambda t: t,
    Easing.EASE_IN: lambda t: t**3,
    Easing.EASE_OUT: lambda t: 1 - (1 - t) ** 3,
    Easing.EASE_IN_OUT: lambda t: 4 * t**3 if t < 0.5 else 1 - 4 * (1 - t) ** 3,
}


@dataclass(frozen=True)
class Style:
    """What a join is made of. `turn`: quarter turns of the direction; `soft`: width of a wipe's edge as a share of the
    side; `over`: a slide covers instead of pushing; `peaks`: scale of the old picture at the end and of the new one at
    the beginning of a zoom; `cross`: share of the time over which its pictures are mixed; `level`: luma faded through.
    """

    type: TransitionType
    easing: Easing
    duration_s: float
    turn: int = 0
    soft: float = 0.0
    over: bool = False
    peaks: tuple[float, float] = (2.0, 0.5)
    cross: float = 0.3
    level: float = BLACK


def random_style(rng: np.random.Generator) -> Style:
    """Any kind, each as often as the others."""
    kind = list(TransitionType)[int(rng.integers(len(TransitionType)))]
    easing = list(Easing)[int(rng.integers(4))]
    if kind is TransitionType.CUT:
        return Style(kind, Easing.LINEAR, 0.0)
    inwards = rng.random() < 0.65
    high, other = rng.uniform(1.6, 3.5), rng.choice([rng.uniform(0.4, 0.7), rng.uniform(1.5, 3.5)])
    return Style(
        kind,
        easing,
        float(np.exp(rng.uniform(np.log(0.1), np.log(2.0)))),
        turn=int(rng.integers(4)),
        soft=float(rng.choice([0.0, 0.01, 0.06, 0.15])),
        over=bool(rng.random() < 0.5),
        peaks=(float(high), float(other)) if inwards else (1 / float(high), float(rng.uniform(1.5, 3.0))),
        cross=float(rng.uniform(0.2, 0.7)),
        level=BLACK if rng.random() < 0.6 else WHITE,
    )


def blended(style: Style, old: Picture, new: Picture, p: float) -> Picture:
    """The frame at share p, 0…1."""
    levels = (style.level, NEUTRAL, NEUTRAL)
    planes = zip(old.planes, new.planes, levels, strict=True)
    return Picture(*(_plane(style, one, other, p, level) for one, other, level in planes))


def _plane(style: Style, old: Plane, new: Plane, p: float, level: float) -> Plane:
    if style.type is TransitionType.DISSOLVE:
        return old * (1 - p) + new * p
    if style.type is TransitionType.FADE:
        return old * (1 - 2 * p) + level * 2 * p if p < 0.5 else level * (2 - 2 * p) + new * (2 * p - 1)
    if style.type is TransitionType.ZOOM:
        return _zoomed(style, old, new, p)
    one, other = np.rot90(old, style.turn), np.rot90(new, style.turn)
    made = _wiped(one, other, p, style.soft) if style.type is TransitionType.WIPE else _slid(one, other, p, style.over)
    return np.ascontiguousarray(np.rot90(made, -style.turn))


def _wiped(old: Plane, new: Plane, p: float, soft: float) -> Plane:
    width = old.shape[1]
    edge = max(1.0, soft * width)
    share = np.clip((p * (width + edge) - np.arange(width) - 0.5) / edge, 0, 1).astype(np.float32)
    return np.asarray(old * (1 - share) + new * share)


def _slid(old: Plane, new: Plane, p: float, over: bool) -> Plane:
    """The new picture comes in from the left."""
    width = old.shape[1]
    at = np.arange(width) + width * (1 - p)
    strip = np.concatenate([new, old], axis=1)
    low = np.clip(at.astype(int), 0, 2 * width - 2)
    part = (at - low).astype(np.float32)
    moved = strip[:, low] * (1 - part) + strip[:, low + 1] * part
    return np.where(np.arange(width) < p * width, moved, old) if over else np.asarray(moved)


def _zoomed(style: Style, old: Plane, new: Plane, p: float) -> Plane:
    share = float(np.clip((p - 0.5) / style.cross + 0.5, 0, 1))
    share = share * share * (3 - 2 * share)
    first, last = style.peaks
    out = np.zeros(old.shape, np.float32)
    if share < 1:
        out += (1 - share) * view(old, 0, 0, 1 + (first - 1) * p, *old.shape)
    if share > 0:
        out += share * view(new, 0, 0, last + (1 - last) * p, *new.shape)
    return out


@dataclass(frozen=True)
class Truth:
    """One join: last moment of the old shot alone, first of the new one alone (s; equal for a cut), and its style."""

    start_s: float
    end_s: float
    style: Style


def join(scenes: list[Scene], alone: list[int], styles: list[Style], rate: float) -> tuple[Scene, list[Truth]]:
    """All scenes in a row; `alone[i]`: frames of scene i without a mixture."""
    frames: Scene = []
    truths = []
    used = [0] * len(scenes)
    for i, scene in enumerate(scenes):
        frames += played(scene, used[i], alone[i])
        if i == len(styles):
            break
        style = styles[i]
        steps = max(2, round(style.duration_s * rate)) if style.duration_s else 0
        begin = len(frames) - (1 if steps else 0)
        truths.append(Truth(begin / rate, (begin + steps) / rate, style))
        old, new = played(scene, used[i] + alone[i], max(0, steps - 1)), played(scenes[i + 1], 0, max(0, steps - 1))
        curve = CURVES[style.easing]
        frames += [blended(style, a, b, curve(k / steps)) for k, (a, b) in enumerate(zip(old, new, strict=True), 1)]
        used[i + 1] = max(0, steps - 1)
    return frames, truths

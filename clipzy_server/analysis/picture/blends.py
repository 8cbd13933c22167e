"""How far a transition has come in each frame, under every kind of transition.

A frame between an old picture A and a new picture B is explained as a mixture (dissolve), as A dimmed or B
brightened from black or white (fade), as A and B side by side with a moving edge (wipe), as B pushing A out or
sliding over it (slide), or as A flown into and B arrived at (zoom). Pictures are float32[n, h, w] of luma, 0…255.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clipzy_server.domain.style import TransitionType

Pictures = NDArray[np.float32]
Picture = NDArray[np.float32]

BLACK, WHITE = 16.0, 235.0
ZOOM_STEPS = 33
ZOOM_PEAKS = (2.0, 3.0)


@dataclass(frozen=True, slots=True)
class Explanation:
    """One kind's reading: progress 0…1 and mean squared error (levels²) of each frame, float64[n] each."""

    type: TransitionType
    progress: NDArray[np.float64]
    error: NDArray[np.float64]


def explain(frames: Pictures, old: Picture, new: Picture) -> list[Explanation]:
    """All kinds; the first one is the plain cut, each frame either A or B."""
    return [
        as_cut(frames, old, new),
        as_dissolve(frames, old, new),
        as_fade(frames, old, new, BLACK),
        as_fade(frames, old, new, WHITE),
        *_sided(frames, old, new),
        *_zooms(frames, old, new),
    ]


def as_cut(frames: Pictures, old: Picture, new: Picture) -> Explanation:
    """Whichever of the two is nearer."""
    to_old, to_new = _mse(frames, old), _mse(frames, new)
    return Explanation(TransitionType.CUT, (to_new < to_old).astype(np.float64), np.minimum(to_old, to_new))


def as_dissolve(frames: Pictures, old: Picture, new: Picture) -> Explanation:
    """The share of the new picture in the mixture nearest to each frame."""
    progress = _share(frames, old, new)
    made = old + progress[:, None, None].astype(np.float32) * (new - old)
    return Explanation(TransitionType.DISSOLVE, progress, _mse(frames, made))


def as_fade(frames: Pictures, old: Picture, new: Picture, level: float) -> Explanation:
    """The old picture going to a level (luma) in the first half, the new one coming from it in the second."""
    blank = np.full_like(old, level)
    out, into = _share(frames, old, blank), 1 - _share(frames, new, blank)
    made_out = old + out[:, None, None].astype(np.float32) * (blank - old)
    made_in = blank + into[:, None, None].astype(np.float32) * (new - blank)
    error_out, error_in = _mse(frames, made_out), _mse(frames, made_in)
    progress = np.where(error_out <= error_in, out / 2, 0.5 + into / 2)
    return Explanation(TransitionType.FADE, progress, np.minimum(error_out, error_in))


def as_wipe(frames: Pictures, old: Picture, new: Picture) -> Explanation:
    """The new picture on the left of an edge that moves right."""
    width = old.shape[1]
    to_old = ((frames - old) ** 2).mean(axis=1, dtype=np.float64)
    to_new = ((frames - new) ** 2).mean(axis=1, dtype=np.float64)
    start = np.zeros((len(frames), 1))
    covered = np.hstack([start, np.cumsum(to_new, axis=1)])
    rest = to_old.sum(axis=1, keepdims=True) - np.hstack([start, np.cumsum(to_old, axis=1)])
    return _best_step(TransitionType.WIPE, (covered + rest) / width)


def as_slide(frames: Pictures, old: Picture, new: Picture, *, cover: bool) -> Explanation:
    """The new picture comes in from the right; it pushes the old one out, or covers it."""
    width = old.shape[1]
    costs = np.empty((len(frames), width + 1))
    for shift in range(width + 1):
        left = old[:, : width - shift] if cover else old[:, shift:]
        costs[:, shift] = _mse(frames, np.concatenate([left, new[:, :shift]], axis=1))
    return _best_step(TransitionType.SLIDE, costs)


def as_zoom(frames: Pictures, old: Picture, new: Picture, peak: float, *, through: bool) -> Explanation:
    """The old picture grows up to `peak` while the new one comes to its size, from near (`through`) or from small."""
    steps = np.linspace(0, 1, ZOOM_STEPS)
    costs = np.empty((len(frames), ZOOM_STEPS))
    for number, step in enumerate(steps):
        near = magnified(old, 1 + (peak - 1) * step)
        far = magnified(new, peak - (peak - 1) * step if through else 0.5 + 0.5 * step)
        weight = _share(frames, near, far)[:, None, None].astype(np.float32)
        costs[:, number] = _mse(frames, near + weight * (far - near))
    return _best_step(TransitionType.ZOOM, costs)


def magnified(picture: Picture, scale: float) -> Picture:
    """Scaled about its centre, bilinear; what is smaller than the frame is mirrored at its edges."""
    out = picture
    for axis, length in enumerate(picture.shape):
        at = np.abs((np.arange(length) + 0.5 - length / 2) / scale + length / 2 - 0.5)
        at = np.clip(np.where(at > length - 1, 2 * (length - 1) - at, at), 0, length - 1.001)
        low = at.astype(np.intp)
        part = (at - low).astype(np.float32)
        part = part[:, None] if axis == 0 else part[None, :]
        out = np.take(out, low, axis) * (1 - part) + np.take(out, low + 1, axis) * part
    return out


def _sided(frames: Pictures, old: Picture, new: Picture) -> Iterator[Explanation]:
    """Wipes and slides from all four sides: the pictures are turned, the model stays."""
    for upright in (True, False):
        for mirrored in (False, True):
            some = [_turned(picture, upright, mirrored) for picture in (frames, old, new)]
            yield as_wipe(*some)
            yield as_slide(*some, cover=False)
            yield as_slide(*some, cover=True)


def _turned(pictures: Pictures, upright: bool, mirrored: bool) -> Pictures:
    turned = pictures if upright else np.swapaxes(pictures, -1, -2)
    return np.ascontiguousarray(turned[..., ::-1] if mirrored else turned)


def _zooms(frames: Pictures, old: Picture, new: Picture) -> Iterator[Explanation]:
    for peak in ZOOM_PEAKS:
        yield as_zoom(frames, old, new, peak, through=False)
        yield as_zoom(frames, old, new, peak, through=True)


def _share(frames: Pictures, old: Picture, new: Picture) -> NDArray[np.float64]:
    """Share 0…1 of `new` in the mixture of both nearest to each frame."""
    way = (new - old).astype(np.float64)
    length = float((way * way).sum())
    if length < 1e-6:
        return np.zeros(len(frames))
    along = np.tensordot((frames - old).astype(np.float64), way, axes=2)
    return np.asarray(np.clip(along / length, 0, 1), np.float64)


def _mse(frames: Pictures, made: Pictures) -> NDArray[np.float64]:
    return np.asarray(((frames - made) ** 2).mean(axis=(1, 2), dtype=np.float64))


def _best_step(kind: TransitionType, costs: NDArray[np.float64]) -> Explanation:
    """The cheapest of evenly spaced steps per frame, refined by the parabola through its neighbours."""
    last = costs.shape[1] - 1
    rows = np.arange(len(costs))
    best = costs.argmin(axis=1)
    inner = np.clip(best, 1, last - 1)
    left, middle, right = costs[rows, inner - 1], costs[rows, inner], costs[rows, inner + 1]
    bend = left - 2 * middle + right
    shift = np.where(bend > 1e-9, 0.5 * (left - right) / np.maximum(bend, 1e-9), 0)
    at = np.where(best == inner, inner + np.clip(shift, -0.5, 0.5), best)
    return Explanation(kind, np.clip(at / last, 0, 1), costs[rows, best])

"""How far a transition has come in each frame, under every kind of transition.

A frame between an old picture A and a new picture B is explained as a mixture (dissolve), as A dimmed or B
brightened from black or white (fade), as A and B side by side with a moving edge (wipe), as B pushing A out or
sliding over it (slide), or as A flown into and B arrived at (zoom). Pictures are float32[n, h, w] of luma, 0…255.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clipzy_server.analysis.picture.kernels.magnify import magnify
from clipzy_server.analysis.picture.kernels.slide import slide_costs, wipe_costs
from clipzy_server.domain.style import TransitionType

Pictures = NDArray[np.float32]
Picture = NDArray[np.float32]

BLACK, WHITE = 16.0, 235.0
# Sums of squares keep more digits when they are taken about the middle of the scale.
MIDDLE = np.float32(126)
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
        *as_sided(frames, old, new),
        *as_zooms(frames, old, new),
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


def as_sided(frames: Pictures, old: Picture, new: Picture) -> Iterator[Explanation]:
    """Wipes, and slides that push the old picture out or cover it, towards all four sides."""
    for upright in (True, False):
        some = [pictures if upright else np.swapaxes(pictures, -1, -2) for pictures in (frames, old, new)]
        to_old, to_new = _columns_apart(some[0], some[1]), _columns_apart(some[0], some[2])
        yield from _towards_left(to_old, to_new, some[1].shape[0])
        yield from _towards_left(to_old[:, ::-1, ::-1], to_new[:, ::-1, ::-1], some[1].shape[0])


def _towards_left(
    to_old: NDArray[np.float32], to_new: NDArray[np.float32], height: int
) -> tuple[Explanation, Explanation, Explanation]:
    """A new picture behind an edge that moves right, one that pushes in from the right, one that slides over."""
    frames, width, _ = to_old.shape
    push, cover = np.empty((frames, width + 1)), np.empty((frames, width + 1))
    slide_costs(to_old, to_new, push, cover)
    alone = (np.ascontiguousarray(np.einsum("nii->ni", apart), np.float64) for apart in (to_old, to_new))
    wipe = wipe_costs(*alone)
    return (
        _best_step(TransitionType.WIPE, wipe / (width * height)),
        _best_step(TransitionType.SLIDE, push / (width * height)),
        _best_step(TransitionType.SLIDE, cover / (width * height)),
    )


def _columns_apart(frames: Pictures, picture: Picture) -> NDArray[np.float32]:
    """float32[n, w, w]: summed squared difference of column i of each frame from column j of the picture."""
    some, other = np.ascontiguousarray(frames.swapaxes(1, 2)) - MIDDLE, picture - MIDDLE
    squares = np.einsum("nij,nij->ni", some, some)[:, :, None] + np.einsum("ij,ij->j", other, other)
    return np.asarray(np.maximum(squares - 2 * (some @ other), 0), np.float32)


def magnified(picture: Picture, scales: NDArray[np.float64]) -> Pictures:
    """float32[n, h, w]: scaled about the centre, bilinear; what is smaller than the frame is mirrored at its edges."""
    out = np.empty((len(scales), *picture.shape), np.float32)
    magnify(np.ascontiguousarray(picture), np.ascontiguousarray(scales), out)
    return out


def as_zooms(frames: Pictures, old: Picture, new: Picture) -> Iterator[Explanation]:
    """The old picture grows up to a peak while the new one comes to its size, from small or from near."""
    steps = np.linspace(0, 1, ZOOM_STEPS)
    small = magnified(new, 0.5 + 0.5 * steps)
    for peak in ZOOM_PEAKS:
        near = magnified(old, 1 + (peak - 1) * steps)
        yield _best_step(TransitionType.ZOOM, mixture_errors(frames, near, small))
        yield _best_step(TransitionType.ZOOM, mixture_errors(frames, near, magnified(new, peak - (peak - 1) * steps)))


def mixture_errors(frames: Pictures, ones: Pictures, others: Pictures) -> NDArray[np.float64]:
    """float64[n, k]: mean squared error of each frame against the best mixture of each of k pairs of pictures."""
    seen, near, far = (pictures.reshape(len(pictures), -1) - MIDDLE for pictures in (frames, ones, others))
    way = far - near
    length = np.maximum(_dot(way, way), 1e-6)
    along = seen @ way.T - _dot(near, way)
    apart = _dot(seen, seen)[:, None] - 2 * seen @ near.T + _dot(near, near)
    share = np.clip(along / length, 0, 1)
    errors = apart - 2 * share * along + share * share * length
    return np.asarray(np.maximum(errors, 0) / seen.shape[1], np.float64)


def _dot(some: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.einsum("ij,ij->i", some, others), np.float32)


def _share(frames: Pictures, old: Picture, new: Picture) -> NDArray[np.float64]:
    """Share 0…1 of `new` in the mixture of both nearest to each frame."""
    way = new - old
    length = float((way * way).sum(dtype=np.float64))
    if length < 1e-6:
        return np.zeros(len(frames))
    along = ((frames - old).reshape(len(frames), -1) @ way.ravel()).astype(np.float64)
    return np.asarray(np.clip(along / length, 0, 1), np.float64)


def _mse(frames: Pictures, made: Pictures) -> NDArray[np.float64]:
    off = (frames - made).reshape(len(frames), -1)
    return _dot(off, off).astype(np.float64) / off.shape[1]


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

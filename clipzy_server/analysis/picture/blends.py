"""What each frame of a window costs at every progress of every kind of transition.

A frame between an old picture A and a new picture B is explained as a mixture (dissolve), as A dimmed or B
brightened from black or white (fade), as A and B side by side with a moving edge (wipe), as B pushing A out or
sliding over it (slide), or as A flown into and B arrived at (zoom). Frames and pictures are float32[n, 3, h, w] of
Y, U, V, 0…255; costs are mean squared differences (levels²), pixels weighed by float32[n, h, w].
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from clipzy_server.analysis.picture.kernels.least_zoom import least_zoom
from clipzy_server.analysis.picture.kernels.magnify import magnify
from clipzy_server.analysis.picture.kernels.mixture_sums import mixture_sums
from clipzy_server.analysis.picture.kernels.slide import slide_costs
from clipzy_server.analysis.picture.kernels.squared_distances import squared_distances
from clipzy_server.analysis.picture.kernels.weigh_columns import weigh_columns
from clipzy_server.domain.style import TransitionType

Planes = NDArray[np.float32]
Costs = NDArray[np.float64]
Weights = NDArray[np.float32]

BLACK, WHITE = 16.0, 235.0
NEUTRAL = 128.0
# Sums of squares keep more digits when they are taken about the middle of the scale.
MIDDLE = np.float32(126)
STEPS = np.linspace(0, 1, 33)
# Width of a wipe's edge as a share of the side.
EDGE_SOFTNESS = (0.0, 0.06, 0.15)
ZOOM_SCALES = np.geomspace(0.25, 4, 41)
ZOOM_CROSSES = (0.25, 0.5, 1.0)
PEAKS = (0.3, 0.4, 0.5, 0.65, 1.5, 1.75, 2.0, 2.3, 2.65, 3.0, 3.5)
STARTS = (0.4, 0.5, 0.65, 1.0, 1.5, 1.75, 2.0, 2.3, 2.65, 3.0, 3.5)


@dataclass(frozen=True, slots=True)
class Travel:
    """Where a transition itself has brought the old picture and the new one at g evenly spaced progresses 0…1.

    float64[g, 3] each: shift along and down (widths and heights of the picture) and log scale; NaN for one that stays.
    """

    old: NDArray[np.float64]
    new: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Table:
    """One kind's costs: float64[n, g] for each frame at g evenly spaced progresses 0…1.

    `novelty`: what speaks for two pictures rather than a camera that moves over one. For a push, how far their touching
    edges differ, as a share of how far any of their columns do; for a zoom, how far they differ at their most alike
    sizes (`_Zooms.novelty`); 1 for other kinds. `travel`: of a slide or zoom.
    """

    type: TransitionType
    costs: Costs
    novelty: float = 1.0
    travel: Travel | None = None


def mixtures(frames: Planes, olds: Planes, news: Planes, weights: Weights) -> Iterator[Table]:
    """Dissolve, and fades through black and white."""
    yield Table(TransitionType.DISSOLVE, _mixed(frames, olds, news, weights, STEPS))
    half = STEPS[: len(STEPS) // 2 + 1] * 2
    for level in (BLACK, WHITE):
        blank = np.empty((1, *frames.shape[1:]), np.float32)
        blank[:, 0], blank[:, 1:] = level, NEUTRAL
        out = _mixed(frames, olds, blank, weights, half)
        into = _mixed(frames, blank, news, weights, half)
        yield Table(TransitionType.FADE, np.concatenate([out, into[:, 1:]], axis=1))


def _mixed(frames: Planes, olds: Planes, news: Planes, weights: Weights, shares: NDArray[np.float64]) -> Costs:
    """float64[n, g]: |F − (A + p (B − A))|² = |F − A|² − 2 p (F − A)·(B − A) + p² |B − A|²."""
    apart, along, length = _sums(frames, olds, news, weights)[0].sum(axis=2)
    costs = apart[:, None] - 2 * shares * along[:, None] + shares**2 * length[:, None]
    return np.asarray(np.maximum(costs, 0) / frames[0].size, np.float64)


def _sums(frames: Planes, olds: Planes, news: Planes, weights: Weights) -> tuple[Costs, Costs]:
    """|F − A|², (F − A)·(B − A) and |B − A|² of each column, float64[3, n, w], and of each row, float64[3, n, h]."""
    n, _, height, width = frames.shape
    of_columns, of_rows = np.empty((3, n, width)), np.empty((3, n, height))
    mixture_sums(frames, _apart_from_repeats(olds), _apart_from_repeats(news), weights, of_columns, of_rows)
    return of_columns, of_rows


def _apart_from_repeats(planes: Planes) -> Planes:
    """One picture, where it is the same for all frames."""
    return planes[:1].copy() if planes.strides[0] == 0 else planes


def sided(frames: Planes, olds: Planes, news: Planes, weights: Weights) -> Iterator[Table]:
    """Wipes, and slides that push the old picture out or cover it, towards all four sides."""
    for upright, sums in zip((True, False), _sums(frames, olds, news, weights), strict=True):
        seen, old, new, told = (_turned(planes, upright) for planes in (frames, olds, news, weights))
        yield from _wipes(sums, frames[0].size)
        weighed = _weighed_columns(seen, told)
        to_old, to_new = _columns_apart(weighed, old), _columns_apart(weighed, new)
        between = _columns_apart(_weighed_columns(old[-1:], np.ones_like(told[:1])), new[:1])[0]
        for way in (slice(None), slice(None, None, -1)):
            seam = float(between[way, way][-1, 0] / max(1e-6, between[way, way][-1].mean()))
            push, cover = np.empty((2, len(frames), to_old.shape[1] + 1))
            slide_costs(to_old[:, way, way], to_new[:, way, way], push, cover)
            path = np.zeros((push.shape[1], 3))
            path[:, 0 if upright else 1] = np.linspace(0, -1 if way.step is None else 1, len(path))
            yield Table(TransitionType.SLIDE, push / frames[0].size, seam, Travel(path, path))
            yield Table(TransitionType.SLIDE, cover / frames[0].size, travel=Travel(np.full(path.shape, np.nan), path))


def _turned(planes: Planes, upright: bool) -> Planes:
    """Rows and columns changed, unless `upright`; one picture where it is the same for all frames."""
    planes = _apart_from_repeats(planes)
    return planes if upright else np.ascontiguousarray(planes.swapaxes(-1, -2))


def _wipes(sums: Costs, size: int) -> Iterator[Table]:
    """Wipes along the columns, both ways, with edges from hard to soft: each column is a mixture of its own share.

    Of the `_sums` of each column of pictures of `size` values.
    """
    apart, along, length = sums
    shares = _wiped(apart.shape[1])
    costs = apart.sum(axis=1)[:, None] - 2 * along @ shares + length @ shares**2
    for first in range(0, shares.shape[1], len(STEPS)):
        some = np.maximum(costs[:, first : first + len(STEPS)], 0) / size
        yield Table(TransitionType.WIPE, np.ascontiguousarray(some))


@cache
def _wiped(columns: int) -> NDArray[np.float64]:
    """[columns, 6 · g]: the share of the new picture in each column at g progresses of wipes of six kinds."""
    kinds = []
    for softness in EDGE_SOFTNESS:
        edge = max(1.0, softness * columns)
        shares = np.clip((STEPS * (columns + edge) - np.arange(columns)[:, None] - 0.5) / edge, 0, 1)
        kinds += [shares, shares[::-1]]
    return np.concatenate(kinds, axis=1)


def _weighed_columns(frames: Planes, weights: Weights) -> NDArray[np.float32]:
    """float32[n, 4 h + 1, w]: what `_columns_apart` multiplies, of `weigh_columns`."""
    n, planes, height, width = frames.shape
    out = np.empty((n, (planes + 1) * height + 1, width), np.float32)
    weigh_columns(frames, weights, MIDDLE, out)
    return out


def _columns_apart(weighed: NDArray[np.float32], others: Planes) -> NDArray[np.float32]:
    """float32[n, w, w]: summed squared difference of column i of each frame from column j of its other picture.

    The frames are `_weighed_columns`, and weigh by their own pixels. w (F − A)² = −2 w F A + w A² + w F².
    """
    n, planes, height, width = others.shape
    other = np.empty((n, weighed.shape[1], width), np.float32)
    some = other[:, : planes * height].reshape(others.shape)
    np.subtract(others, MIDDLE, out=some)
    np.einsum("npij,npij->nij", some, some, out=other[:, planes * height : -1])
    other[:, -1] = 1
    out = weighed.swapaxes(1, 2) @ other
    return np.asarray(np.maximum(out, 0, out=out))


def magnified(picture: Planes, scales: NDArray[np.float64]) -> Planes:
    """float32[k, 3, h, w]: scaled about the centre, bilinear; what is smaller than the frame is mirrored."""
    out = np.empty((len(scales), *picture.shape), np.float32)
    magnify(np.ascontiguousarray(picture), np.ascontiguousarray(scales), out)
    return out


def zooms(frames: Planes, old: Planes, new: Planes, weights: Weights) -> Iterator[Table]:
    """The old picture grows or shrinks while the new one comes to its size; half way they are mixed.

    How far is not known: the likeliest peak of the old picture and start of the new one are looked for, in turns. Where
    one picture is the other one at another size, the camera zoomed within a shot.
    """
    ways = _Zooms(frames, old, new)
    peak, _ = min(product(PEAKS, STARTS[::3]), key=lambda pair: ways.least(*pair))
    start = min(STARTS, key=lambda one: ways.least(peak, one))
    peak = min(PEAKS, key=lambda one: ways.least(one, start))
    growths = 1 + (peak - 1) * STEPS, start + (1 - start) * STEPS
    travel = Travel(*(np.log(scales)[:, None] * (0, 0, 1) for scales in growths))
    near, far = (magnified(picture, scales) for picture, scales in zip((old, new), growths, strict=True))
    near, way = _flat(near) - MIDDLE, _flat(far - near)
    seen = _flat(frames) - MIDDLE
    told = _flat(np.broadcast_to(weights[:, None], frames.shape))
    weighed = told * seen
    squares, novelty = _dot(weighed, seen)[:, None], ways.novelty
    for cross in ZOOM_CROSSES:
        shares = np.clip((STEPS - 0.5) / cross + 0.5, 0, 1).astype(np.float32)[:, None]
        made = near + shares * way
        costs = squares - 2 * weighed @ made.T + told @ (made * made).T
        yield Table(TransitionType.ZOOM, np.asarray(np.maximum(costs, 0) / seen.shape[1], np.float64), novelty, travel)


class _Zooms:
    """How well mixtures of the scaled pictures do, from how far all are from all."""

    def __init__(self, frames: Planes, old: Planes, new: Planes) -> None:
        seen = _flat(frames)
        ones, others = (_flat(magnified(picture, ZOOM_SCALES)) for picture in (old, new))
        self._to_old, self._to_new, self._between = _apart(seen, ones), _apart(seen, others), _apart(ones, others)
        self._contrasts = [float(picture.var(axis=(1, 2)).sum()) * picture[0].size for picture in (old, new)]

    @property
    def novelty(self) -> float:
        """How far the pictures differ at their most alike sizes.

        As a share of their difference at their own, or of what the one that stays has of contrast, where that is less.
        """
        own = len(ZOOM_SCALES) // 2
        grown, shrunk = self._between[:, own], self._between[own]
        of_old, of_new = (max(1e-6, min(float(grown[own]), contrast)) for contrast in self._contrasts)
        return float(min(grown.min() / of_new, shrunk.min() / of_old))

    def least(self, peak: float, start: float) -> float:
        """Sum over the frames of what each costs (levels) at the progress and in the share that suit it best.

        The old picture grows from 1 to `peak`, the new one from `start` to 1.
        """
        return float(least_zoom(self._to_old, self._to_new, self._between, _grown(1, peak), _grown(start, 1)))


def _apart(some: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32[n, m]: the squared distance of each of some pictures, flat, from each of others."""
    out = np.empty((len(some), len(others)), np.float32)
    squared_distances(some, others, out)
    return out


@cache
def _grown(start: float, end: float) -> NDArray[np.intp]:
    """Which of the `ZOOM_SCALES` is nearest to a picture's size at each of the `STEPS`."""
    span = np.log(ZOOM_SCALES[-1] / ZOOM_SCALES[0])
    at = np.log((start + (end - start) * STEPS) / ZOOM_SCALES[0]) / span * (len(ZOOM_SCALES) - 1)
    return np.asarray(np.clip(np.rint(at), 0, len(ZOOM_SCALES) - 1), np.intp)


def _flat(planes: Planes) -> NDArray[np.float32]:
    return planes.reshape(len(planes), -1)


def _dot(some: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.einsum("ij,ij->i", some, others), np.float32)

"""A smooth map of OkLab that carries one distribution of colours onto another.

Two steps. The linear map of least transport between Gaussians (Pitié and Kokaram, "The linear Monge–Kantorovitch
colour mapping for example-based colour transfer", 2007) fits means and covariances. What it leaves is found by
sliced transport (Pitié, Kokaram and Dahyot, "Automated colour grading using colour distribution transfer", 2007) on a
sample, and kept only as far as a smooth field on a lattice can say it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter, map_coordinates

from clipzy_server.domain.oklab import Floats
from clipzy_server.domain.style import Look

Doubles = npt.NDArray[np.float64]

# Chroma spans about 0.4 of what lightness spans: weighing it so makes a step as visible along every axis.
_AXIS_WEIGHT = np.array([1.0, 2.5, 2.5])
_LEAST_GAIN, _LARGEST_GAIN = 0.2, 2.6
_USUAL_DEVIATIONS = 2.0
_NOISE_DEVIATION = np.array([0.012, 0.004, 0.004])
_SLICED_ROUNDS = 24
_LATTICE = 33
_LIGHTNESS_RANGE, _CHROMA_RANGE = (0.0, 1.0), (-0.34, 0.34)
_SMOOTH_NODES = (2.0, 1.3, 1.3)
_PRIOR_SHARE = 2e-5
_LEAST_SLOPE, _LARGEST_SLOPE = 0.15, 2.4
# Where the target's own black and white lie, and how fast lightness may leave them.
_ENDS, _STEEPEST_END = (0.02, 0.98), 1.8
# Chroma of grey per lightness: what a temperature of 89 would be.
_LARGEST_CAST = 0.12


@dataclass(frozen=True, slots=True)
class SmoothMap:
    """OkLab → OkLab on a regular lattice; `nodes` float32 [33, 33, 33, 3] over L 0…1 and a, b −0.34…0.34."""

    nodes: Floats

    def __call__(self, lab: Floats) -> Floats:
        """Colours [n, 3]; beyond the lattice the displacement of its nearest point goes on."""
        at = _lattice_coordinates(lab)
        moved = [map_coordinates(self.nodes[..., axis], at, order=1, mode="nearest") for axis in range(3)]
        inside = np.clip(lab[:, 1:], *_CHROMA_RANGE)
        mapped = np.stack(moved, axis=-1)
        mapped[:, 1:] += lab[:, 1:] - inside
        return np.asarray(mapped, np.float32)


def colors_of(look: Look, count: int) -> Floats:
    """`count` colours [count, 3] spread as the look says: its representatives by weight, its lightness exactly."""
    colors = np.array([(color.l, color.a, color.b) for color in look.colors])
    weights = np.array([color.weight for color in look.colors])
    order = np.argsort(colors[:, 0], kind="stable")
    ends = np.cumsum(weights[order])
    picked = order[np.searchsorted(ends, (np.arange(count) + 0.5) / count * ends[-1]).clip(0, len(order) - 1)]
    chosen = colors[picked]
    places = (np.arange(len(look.lightness)) + 0.5) / len(look.lightness)
    chosen[:, 0] = np.interp((np.arange(count) + 0.5) / count, places, look.lightness)
    return np.asarray(chosen, np.float32)


def transport(source: Floats, target: Floats) -> SmoothMap:
    """The smooth map that carries colours `source` [n, 3] onto `target` [m, 3], both equally weighted OkLab."""
    spread = _linear_map(source, target)
    linear = spread(source)
    residual = _sliced(linear, target) - linear
    nodes = spread(_grid())
    field, evidence = _smooth_field(source, residual)
    nodes = nodes.reshape(_LATTICE, _LATTICE, _LATTICE, 3) + field
    ends = np.quantile(target[:, 0].astype(np.float64), _ENDS)
    nodes[..., 0] = _calm_lightness(nodes[..., 0], evidence, ends)
    nodes[..., 1:] -= _too_tinted(nodes)[:, None, None]
    return SmoothMap(np.asarray(nodes, np.float32))


def _linear_map(source: Floats, target: Floats) -> Callable[[Floats], Doubles]:
    """The map between Gaussians. What lies beyond the usual of the source is moved, but not spread any further."""
    start, goal = (np.asarray(cloud, np.float64) * _AXIS_WEIGHT for cloud in (source, target))
    noise = np.diag((_NOISE_DEVIATION * _AXIS_WEIGHT) ** 2)
    start_spread, goal_spread = (np.cov(cloud.T) + noise for cloud in (start, goal))
    root = _power(start_spread, 0.5)
    inverse = _power(start_spread, -0.5)
    gain = inverse @ _power(root @ goal_spread @ root, 0.5) @ inverse
    values, axes = np.linalg.eigh(gain)
    values = np.clip(values, _LEAST_GAIN, _LARGEST_GAIN)
    usual = _USUAL_DEVIATIONS * np.sqrt(np.einsum("ij,jk,ki->i", axes.T, start_spread, axes))

    def spread(lab: Floats) -> Doubles:
        along = (lab * _AXIS_WEIGHT - start.mean(axis=0)) @ axes
        inside = np.clip(along, -usual, usual)
        moved = inside * values + (along - inside) * np.minimum(values, 1)
        return np.asarray((moved @ axes.T + goal.mean(axis=0)) / _AXIS_WEIGHT)

    return spread


def _power(matrix: Doubles, exponent: float) -> Doubles:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, 1e-9) ** exponent) @ vectors.T)


def _sliced(start: Doubles, target: Floats) -> Doubles:
    """Moves `start` so that its projections on many directions are spread as the target's."""
    moved, goal = (np.asarray(cloud, np.float64) * _AXIS_WEIGHT for cloud in (start, target))
    places = (np.arange(len(moved)) + 0.5) / len(moved) * len(goal) - 0.5
    for basis in _bases(_SLICED_ROUNDS):
        projected, sorted_goal = moved @ basis, np.sort(goal @ basis, axis=0)
        wanted = np.stack([np.interp(places, np.arange(len(goal)), column) for column in sorted_goal.T], axis=1)
        shift = np.empty_like(projected)
        for axis in range(3):
            order = np.argsort(projected[:, axis], kind="stable")
            shift[order, axis] = wanted[:, axis] - projected[order, axis]
        moved += shift @ basis.T
    return np.asarray(moved / _AXIS_WEIGHT)


def _bases(count: int) -> list[Doubles]:
    """The axes themselves, then fixed rotations spread over all orientations."""
    turns = np.random.default_rng(20260101).normal(size=(count - 1, 3, 3))
    return [np.eye(3), *(np.linalg.qr(turn)[0] for turn in turns)]


def _grid() -> Floats:
    lightness = np.linspace(*_LIGHTNESS_RANGE, _LATTICE)
    chroma = np.linspace(*_CHROMA_RANGE, _LATTICE)
    return np.stack(np.meshgrid(lightness, chroma, chroma, indexing="ij"), axis=-1).reshape(-1, 3).astype(np.float32)


def _lattice_coordinates(lab: Floats) -> Doubles:
    low = np.array([_LIGHTNESS_RANGE[0], _CHROMA_RANGE[0], _CHROMA_RANGE[0]])
    high = np.array([_LIGHTNESS_RANGE[1], _CHROMA_RANGE[1], _CHROMA_RANGE[1]])
    return np.asarray(((lab - low) / (high - low) * (_LATTICE - 1)).T)


def _smooth_field(source: Floats, residual: Doubles) -> tuple[Doubles, Doubles]:
    """Weighted mean of the residuals around each node, fading to 0 where there is no evidence: [33, 33, 33, 3] and
    the evidence [33, 33, 33], which sums to 1.
    """
    cells = np.rint(_lattice_coordinates(source)).astype(np.int64).clip(0, _LATTICE - 1)
    flat = np.ravel_multi_index((cells[0], cells[1], cells[2]), (_LATTICE,) * 3)
    shape, size = (_LATTICE,) * 3, _LATTICE**3

    def smooth(weights: Doubles | None) -> Doubles:
        summed = np.bincount(flat, weights, size).reshape(shape) / len(source)
        return np.asarray(gaussian_filter(summed, _SMOOTH_NODES, mode="nearest", truncate=4.0))

    evidence = smooth(None)
    field = np.stack([smooth(residual[:, axis]) for axis in range(3)], axis=-1)
    return field / (evidence + _PRIOR_SHARE)[..., None], evidence


def _calm_lightness(lightness: Doubles, evidence: Doubles, ends: Doubles) -> Doubles:
    """Keeps lightness rising along its axis, neither flat nor so steep that single code steps become bands.

    Black becomes no lighter than the target's own, white no darker, whatever share of the picture they are.
    """
    step = (_LIGHTNESS_RANGE[1] - _LIGHTNESS_RANGE[0]) / (_LATTICE - 1)
    rises = np.clip(np.diff(lightness, axis=0), _LEAST_SLOPE * step, _LARGEST_SLOPE * step)
    calm = np.concatenate([np.zeros_like(lightness[:1]), np.cumsum(rises, axis=0)])
    trust = evidence + 1e-9
    moved = calm + ((lightness - calm) * trust).sum(axis=0) / trust.sum(axis=0)
    places = np.linspace(*_LIGHTNESS_RANGE, _LATTICE)[:, None, None]
    dark, bright = ends
    return np.asarray(np.clip(moved, bright - _STEEPEST_END * (1 - places), dark + _STEEPEST_END * places))


def _too_tinted(nodes: Doubles) -> Doubles:
    """What grey at each lightness gets of colour beyond the strongest cast that looks make, [33, 2]: the colours of
    things in the template, which black and white should not take on.
    """
    middle = _LATTICE // 2
    grey = nodes[:, middle, middle]
    tint = np.hypot(grey[:, 1], grey[:, 2]) + 1e-9
    most = _LARGEST_CAST * np.clip(grey[:, 0], 0.02, 1)
    return grey[:, 1:] * (1 - most * np.tanh(tint / most) / tint)[:, None]

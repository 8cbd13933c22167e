"""A colour grade: from two looks to one lookup table, and the table on pictures.

One table serves a whole video: shots keep their differences, nothing jumps where they blend into one another, and the
same table can be handed out as a cube.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from clipzy_server.domain.color_scale import (
    MAGENTA_AXIS,
    SPAN,
    WARM_AXIS,
    color_statistics,
    grade_of,
    values_of,
)
from clipzy_server.domain.oklab import (
    Floats,
    oklab_from_rgb,
    planes_from_rgb,
    rgb_from_oklab,
    rgb_from_planes,
)
from clipzy_server.domain.style import ColorGrade, Look
from clipzy_server.rendering.kernels.lut import TABLE_UNIT, apply_prism
from clipzy_server.rendering.transport import SmoothMap, colors_of, transport

CUBE_SIZE = 33
_CHROMA_NODES = 33
_SAMPLE_COUNT = 4096
_LOOP_ROUNDS = 8
_LOOP_STEP = 1e-3
_LOOP_TRIES = 3
_LOOP_DAMPING = 3e-4
_LARGEST_TRIM = np.array([0.15, 0.15, 1.2, 0.5, 0.3, 0.3])
_GAMUT_ROUNDS = 7
# How near white and black the grade may come where the target itself does not: OkLab L.
_EXTREME_SHARE = 0.75
_DARKEST_SHOWN = 0.09
_GOOD_ENOUGH = 0.004

Planes = npt.NDArray[np.uint8]
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grade:
    """A finished grade.

    `cube` float32 [33, 33, 33, 3] by red, green, blue node: display-referred BT.709 RGB 0…1 → the same.
    `prism` int16 [3, 33, 33, 256]: the same for 8-bit limited-range planes, see `kernels/lut.py`.
    `reached`: the six numbers of the source sample after the grade.
    """

    cube: Floats
    prism: npt.NDArray[np.int16]
    reached: ColorGrade


def build_grade(source: Look | Floats, target: Look, target_grade: ColorGrade, strength: float = 1.0) -> Grade:
    """The grade that gives `source` the target's look and its six numbers.

    `source`: a look, or better a sample of the footage's pixels in OkLab [n, 3] (`sample_colours`). `strength`
    0…1 interpolates every entry between the identity (0, exactly) and the whole grade (1). Raises ValueError outside.
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"strength {strength} is outside 0…1")
    sample = colors_of(source, _SAMPLE_COUNT) if isinstance(source, Look) else _thinned(source)
    matched = transport(sample, colors_of(target, _SAMPLE_COUNT))
    ends = (target.lightness[0], target.lightness[-1])
    trim = _trim_to(matched(sample), ends, values_of(target_grade))
    identity = identity_cube()
    whole = _show(_trimmed(_map_rgb(matched, identity), ends, trim))
    cube = np.asarray(identity + np.float32(strength) * (whole.reshape(identity.shape) - identity), np.float32)
    reached = color_statistics(oklab_from_rgb(_through(cube, rgb_from_oklab(sample))))
    return Grade(cube, prism_of(cube), grade_of(reached))


def identity_cube() -> Floats:
    """The cube that changes nothing, float32 [33, 33, 33, 3]."""
    axis = np.linspace(0, 1, CUBE_SIZE, dtype=np.float32)
    return np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)


def prism_of(cube: Floats) -> npt.NDArray[np.int16]:
    """The prism table of a cube. Colours that RGB does not have keep their distance from the nearest it has."""
    codes = np.arange(256, dtype=np.float32)
    nodes = 8 * np.arange(_CHROMA_NODES, dtype=np.float32)
    u, v, y = np.meshgrid(nodes, nodes, codes, indexing="ij")
    planes = planes_from_rgb(_through(cube, rgb_from_planes(y, u, v)))
    return np.ascontiguousarray(np.moveaxis(np.rint(planes * TABLE_UNIT), -1, 0), np.int16)


def apply_grade(prism: npt.NDArray[np.int16], y: Planes, u: Planes, v: Planes) -> None:
    """Grades 8-bit limited-range 4:2:0 planes in place: y uint8 [h, w], u and v [h/2, w/2], h and w even.

    The same planes give the same result; a pixel's dither depends on its place alone. Raises ValueError for other
    shapes.
    """
    if y.shape != (2 * u.shape[0], 2 * u.shape[1]) or u.shape != v.shape:
        raise ValueError(f"planes {y.shape}, {u.shape}, {v.shape} are not 4:2:0")
    apply_prism(prism, y, u, v)


def write_cube(cube: Floats, path: Path) -> None:
    """Writes the cube in the format of Adobe's Cube LUT Specification 1.0, red fastest."""
    head = f'TITLE "Clipzy grade"\nLUT_3D_SIZE {len(cube)}\nDOMAIN_MIN 0.0 0.0 0.0\nDOMAIN_MAX 1.0 1.0 1.0\n'
    rows = np.clip(cube, 0, 1).transpose(2, 1, 0, 3).reshape(-1, 3)
    body = "%.6f %.6f %.6f\n" * len(rows) % tuple(rows.ravel().tolist())
    path.write_text(head + body, encoding="ascii")


def _thinned(sample: Floats) -> Floats:
    step = max(1, -(-len(sample) // _SAMPLE_COUNT))
    return np.ascontiguousarray(sample[::step], np.float32)


def _map_rgb(matched: SmoothMap, rgb: Floats) -> Floats:
    return matched(oklab_from_rgb(rgb.reshape(-1, 3)))


def _through(cube: Floats, rgb: Floats) -> Floats:
    """RGB [..., 3] through a cube, by tetrahedra; colours outside 0…1 keep their distance from the nearest inside."""
    size = len(cube)
    colors = rgb.reshape(-1, 3)
    inside = np.clip(colors, 0, 1)
    at = inside * np.float32(size - 1)
    low = np.minimum(at.astype(np.int32), size - 2)
    part = at - low
    order = np.argsort(-part, axis=1)
    steps = np.array([size * size, size, 1])
    node = low @ steps
    table = cube.reshape(-1, 3)
    here = table[node]
    shown = here + (colors - inside)
    for axis in order.T:
        node = node + steps[axis]
        beyond = table[node]
        shown += np.take_along_axis(part, axis[:, None], axis=1) * (beyond - here)
        here = beyond
    return np.asarray(shown.reshape(rgb.shape), np.float32)


def _show(lab: Floats) -> Floats:
    """OkLab [n, 3] → RGB inside the gamut: lightness within black and white, chroma reduced until the colour exists."""
    held = lab.copy()
    held[:, 0] = np.clip(held[:, 0], 0, 1)
    outside = np.flatnonzero(_beyond(rgb_from_oklab(held)))
    low, high = np.zeros(len(outside), np.float32), np.ones(len(outside), np.float32)
    for _ in range(_GAMUT_ROUNDS):
        middle = (low + high) / 2
        tried = held[outside] * np.stack([np.ones_like(middle), middle, middle], axis=-1)
        over = _beyond(rgb_from_oklab(tried))
        low, high = np.where(over, low, middle), np.where(over, middle, high)
    held[outside, 1:] *= low[:, None]
    return np.clip(rgb_from_oklab(held), 0, 1)


def _beyond(rgb: Floats) -> npt.NDArray[np.bool_]:
    return np.asarray(((rgb < -1e-3) | (rgb > 1 + 1e-3)).any(axis=-1))


def _trimmed(lab: Floats, ends: tuple[float, float], trim: Doubles) -> Floats:
    """The six corrections: cast along both axes per lightness, octaves of chroma, and three bends of the lightness.

    What then lies beyond `ends`, the target's own extremes, is bent back so that nothing new is clipped.
    """
    lightness = lab[:, 0]
    inside = np.clip(lightness, 0, 1)
    bend = trim[3] * 4 * inside * (1 - inside) * (inside - 0.5)
    moved = _held_between(lightness + bend + trim[4] * inside**3 + trim[5] * (1 - inside) ** 3, *ends)
    cast = trim[0] * WARM_AXIS + trim[1] * MAGENTA_AXIS
    chroma = lab[:, 1:] * 2 ** trim[2] + moved[:, None] * cast
    return np.concatenate([moved[:, None], chroma], axis=1).astype(np.float32)


def _held_between(lightness: Doubles, dark: float, bright: float) -> Doubles:
    """Leaves what lies between dark and bright; what lies beyond nears, but never reaches, black and white."""
    above = _EXTREME_SHARE * (1 - bright) + 1e-6
    below = dark - min(dark, _DARKEST_SHOWN) + 1e-6
    held = np.where(
        lightness > bright, bright + above * (1 - np.exp(-np.maximum(lightness - bright, 0) / above)), lightness
    )
    return np.where(lightness < dark, dark - below * (1 - np.exp(-np.maximum(dark - lightness, 0) / below)), held)


def _trim_to(lab: Floats, ends: tuple[float, float], wanted: Doubles) -> Doubles:
    """Corrections that bring the statistics of mapped colours to `wanted`, by Levenberg–Marquardt steps."""

    def missing(trim: Doubles) -> Doubles:
        return wanted - color_statistics(oklab_from_rgb(_show(_trimmed(lab, ends, trim)))).values

    trim, damping = np.zeros(6), _LOOP_DAMPING
    left = missing(trim)
    for _ in range(_LOOP_ROUNDS):
        if np.abs(left).max() < _GOOD_ENOUGH:
            break
        slopes = np.stack([(left - missing(trim + _LOOP_STEP * unit)) / _LOOP_STEP for unit in np.eye(6)], axis=1)
        for _ in range(_LOOP_TRIES):
            step = np.linalg.solve(slopes.T @ slopes + damping * np.eye(6), slopes.T @ left)
            tried = np.clip(trim + step, -_LARGEST_TRIM, _LARGEST_TRIM)
            remaining = missing(tried)
            if np.linalg.norm(remaining / SPAN) < np.linalg.norm(left / SPAN):
                trim, left, damping = tried, remaining, damping / 4
                break
            damping *= 8
    return trim

"""A colour grade: from two looks to one lookup table, and the table on pictures.

One table serves a whole video: shots keep their differences, nothing jumps where they blend into one another, and the
same table can be handed out as a cube.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.ndimage import map_coordinates

from clipzy_server.domain.color_scale import (
    MAGENTA_AXIS,
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
_LARGEST_TRIM = np.array([0.15, 0.15, 1.2, 0.5, 0.3, 0.3])
_GAMUT_ROUNDS = 7
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

    `source`: a look, or better a sample of the footage's pixels in OkLab [n, 3] (`ColourMeasure.sample`). `strength`
    0…1 interpolates every entry between the identity (0, exactly) and the whole grade (1). Raises ValueError outside.
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"strength {strength} is outside 0…1")
    sample = colors_of(source, _SAMPLE_COUNT) if isinstance(source, Look) else _thinned(source)
    matched = transport(sample, colors_of(target, _SAMPLE_COUNT))
    trim = _trim_to(matched(sample), values_of(target_grade))
    identity = identity_cube()
    whole = _show(_trimmed(_map_rgb(matched, identity), trim))
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
    body = "".join(f"{red:.6f} {green:.6f} {blue:.6f}\n" for red, green, blue in rows.tolist())
    path.write_text(head + body, encoding="ascii")


def _thinned(sample: Floats) -> Floats:
    step = max(1, -(-len(sample) // _SAMPLE_COUNT))
    return np.ascontiguousarray(sample[::step], np.float32)


def _map_rgb(matched: SmoothMap, rgb: Floats) -> Floats:
    return matched(oklab_from_rgb(rgb.reshape(-1, 3)))


def _through(cube: Floats, rgb: Floats) -> Floats:
    inside = np.clip(rgb, 0, 1)
    at = np.moveaxis(inside, -1, 0).reshape(3, -1) * (len(cube) - 1)
    shown = [map_coordinates(cube[..., axis], at, order=1, mode="nearest") for axis in range(3)]
    return np.asarray(np.stack(shown, axis=-1).reshape(rgb.shape) + (rgb - inside), np.float32)


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


def _trimmed(lab: Floats, trim: Doubles) -> Floats:
    """The six corrections: cast along both axes per lightness, octaves of chroma, and three bends of the lightness."""
    lightness = lab[:, 0]
    inside = np.clip(lightness, 0, 1)
    bend = trim[3] * 4 * inside * (1 - inside) * (inside - 0.5)
    moved = lightness + bend + trim[4] * inside**3 + trim[5] * (1 - inside) ** 3
    cast = trim[0] * WARM_AXIS + trim[1] * MAGENTA_AXIS
    chroma = lab[:, 1:] * 2 ** trim[2] + moved[:, None] * cast
    return np.concatenate([moved[:, None], chroma], axis=1).astype(np.float32)


def _trim_to(lab: Floats, wanted: Doubles) -> Doubles:
    """Corrections that bring the statistics of mapped colours to `wanted`, by damped Gauss–Newton steps."""

    def missing(trim: Doubles) -> Doubles:
        return wanted - color_statistics(oklab_from_rgb(_show(_trimmed(lab, trim)))).values

    trim = np.zeros(6)
    left = missing(trim)
    for _ in range(_LOOP_ROUNDS):
        if np.abs(left).max() < _GOOD_ENOUGH:
            break
        slopes = np.stack([(left - missing(trim + _LOOP_STEP * unit)) / _LOOP_STEP for unit in np.eye(6)], axis=1)
        step = np.linalg.solve(slopes.T @ slopes + 1e-4 * np.eye(6), slopes.T @ left)
        tried = np.clip(trim + step, -_LARGEST_TRIM, _LARGEST_TRIM)
        remaining = missing(tried)
        if np.linalg.norm(remaining) >= np.linalg.norm(left):
            tried = np.clip(trim + 0.4 * step, -_LARGEST_TRIM, _LARGEST_TRIM)
            remaining = missing(tried)
            if np.linalg.norm(remaining) >= np.linalg.norm(left):
                break
        trim, left = tried, remaining
    return trim

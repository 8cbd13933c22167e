from functools import lru_cache

import numpy as np
import pytest

from clipzy_server.domain.color_scale import GRADE_FIELDS, color_statistics, grade_of, lightness_quantiles
from clipzy_server.domain.oklab import oklab_from_rgb, planes_from_rgb, rgb_from_oklab, rgb_from_planes
from clipzy_server.domain.style import Look, LookColor
from clipzy_server.rendering.grade import Grade, apply_grade, build_grade, identity_cube, prism_of, write_cube


def cloud(seed: int, mean: tuple[float, float, float], spread: tuple[float, float, float]) -> np.ndarray:
    """Colours that a display can show, OkLab [3000, 3]."""
    pixels = np.random.default_rng(seed).normal(mean, spread, (3000, 3)).astype(np.float32)
    return oklab_from_rgb(np.clip(rgb_from_oklab(pixels), 0, 1))


def look_of_pixels(pixels: np.ndarray) -> Look:
    chosen = pixels[:192]
    return Look(
        tuple(lightness_quantiles(chosen[:, 0]).tolist()),
        tuple(LookColor(*map(float, pixel), 1 / 192) for pixel in chosen),
    )


NATURAL = cloud(1, (0.55, 0.0, 0.01), (0.16, 0.02, 0.03))
WARM = cloud(2, (0.62, 0.02, 0.05), (0.1, 0.015, 0.02))
COLD = cloud(3, (0.45, -0.02, -0.03), (0.2, 0.03, 0.04))
TARGETS = {"warm": WARM, "cold": COLD}


@lru_cache
def grade_of_kind(kind: str, strength: float) -> Grade:
    return grade_to(TARGETS[kind], strength)


def grade_to(target: np.ndarray, strength: float = 1.0) -> Grade:
    return build_grade(NATURAL, look_of_pixels(target), grade_of(color_statistics(target)), strength)


def numbers(grade) -> np.ndarray:
    return np.array([getattr(grade, name) for name in GRADE_FIELDS])


def random_planes(seed: int, height: int = 64, width: int = 96) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    shapes = ((height, width), (height // 2, width // 2), (height // 2, width // 2))
    return [rng.integers(0, 256, shape, dtype=np.uint8) for shape in shapes]


def gradient_planes() -> list[np.ndarray]:
    y = np.tile(np.linspace(30, 220, 256).round().astype(np.uint8), (64, 1))
    return [y, np.full((32, 128), 120, np.uint8), np.full((32, 128), 138, np.uint8)]


@pytest.mark.parametrize("kind", TARGETS)
def test_the_six_numbers_of_the_graded_source_are_the_targets(kind):
    wanted = numbers(grade_of(color_statistics(TARGETS[kind])))
    assert np.abs(numbers(grade_of_kind(kind, 1.0).reached) - wanted).mean() < 2


@pytest.mark.parametrize("kind", TARGETS)
def test_the_distribution_comes_near_the_targets(kind):
    cube, target = grade_of_kind(kind, 1.0).cube, TARGETS[kind]
    graded = oklab_from_rgb(planes_through(cube, rgb_from_oklab(NATURAL)))
    places = (np.arange(100) + 0.5) / 100

    def apart(one, two):
        return np.abs(np.quantile(one, places, axis=0) - np.quantile(two, places, axis=0)).mean()

    assert apart(graded, target) < 0.25 * apart(NATURAL, target)


def planes_through(cube: np.ndarray, rgb: np.ndarray) -> np.ndarray:
    """Trilinear interpolation, written out."""
    at = np.clip(rgb, 0, 1) * 32
    low = np.minimum(at.astype(int), 31)
    part = at - low
    total = np.zeros_like(rgb)
    for corner in np.ndindex(2, 2, 2):
        weight = np.prod(np.where(corner, part, 1 - part), axis=-1, keepdims=True)
        total += weight * cube[tuple((low + corner).T)]
    return total


def test_strength_0_changes_no_pixel():
    grade = grade_to(WARM, strength=0.0)
    planes = random_planes(1)
    kept = [plane.copy() for plane in planes]
    apply_grade(grade.prism, *planes)
    assert np.array_equal(grade.cube, identity_cube())
    assert all(np.array_equal(one, two) for one, two in zip(planes, kept, strict=True))


def test_the_change_grows_with_strength():
    before, changes = gradient_planes(), []
    for strength in (0.25, 0.5, 0.75, 1.0):
        planes = [plane.copy() for plane in before]
        apply_grade(grade_of_kind("cold", strength).prism, *planes)
        changes.append(sum(np.abs(a.astype(int) - b).mean() for a, b in zip(planes, before, strict=True)))
    assert changes == sorted(changes)
    assert 0.4 < changes[1] / changes[3] < 0.6


@pytest.mark.parametrize("strength", [-0.1, 1.1])
def test_a_strength_outside_0_to_1_is_refused(strength):
    with pytest.raises(ValueError, match="strength"):
        grade_to(WARM, strength)


def test_greys_keep_their_order_to_a_code():
    greys = np.repeat(np.linspace(0, 1, 200, dtype=np.float32)[:, None], 3, axis=1)
    luma = planes_from_rgb(planes_through(grade_of_kind("cold", 1.0).cube, greys).astype(np.float32))[:, 0]
    assert (luma - np.maximum.accumulate(luma)).min() > -1


def test_the_cube_stays_inside_the_gamut():
    cube = grade_of_kind("cold", 1.0).cube
    assert cube.min() >= 0
    assert cube.max() <= 1


def test_equal_inputs_give_equal_tables():
    assert np.array_equal(grade_to(WARM).prism, grade_of_kind("warm", 1.0).prism)


def test_a_look_alone_serves_as_source():
    target = look_of_pixels(WARM)
    wanted = grade_of(color_statistics(WARM))
    reached = build_grade(look_of_pixels(NATURAL), target, wanted).reached
    assert np.abs(numbers(reached) - numbers(wanted)).mean() < 3


def test_a_written_cube_reads_back(tmp_path):
    cube = grade_of_kind("warm", 1.0).cube
    write_cube(cube, tmp_path / "grade.cube")
    lines = (tmp_path / "grade.cube").read_text().splitlines()
    assert "LUT_3D_SIZE 33" in lines
    rows = np.array([line.split() for line in lines if line[0].isdigit()], np.float32)
    assert rows.shape == (33**3, 3)
    assert np.abs(rows[1] - cube[1, 0, 0]).max() < 1e-6
    assert np.abs(rows.reshape(33, 33, 33, 3).transpose(2, 1, 0, 3) - cube).max() < 1e-6


def test_the_prism_says_what_the_cube_says():
    grade = grade_of_kind("warm", 1.0)
    rgb = np.clip(rgb_from_oklab(NATURAL[:500]), 0.02, 0.98)
    codes = np.rint(planes_from_rgb(rgb)).astype(np.uint8)
    planes = [
        np.repeat(np.repeat(codes[None, :, axis], 2 if axis == 0 else 1, 0), 2 if axis == 0 else 1, 1).copy()
        for axis in range(3)
    ]
    apply_grade(grade.prism, *planes)
    wanted = planes_from_rgb(planes_through(grade.cube, rgb_from_planes(*codes.T)).astype(np.float32))
    shown = np.stack([planes[0][0, ::2], planes[1][0], planes[2][0]], axis=1)
    assert np.abs(shown - wanted).mean() < 0.8
    assert np.abs(shown - wanted).max() < 4


def test_smooth_gradients_stay_smooth():
    planes = gradient_planes()
    apply_grade(grade_of_kind("cold", 1.0).prism, *planes)
    assert np.abs(np.diff(planes[0].astype(int), axis=1)).max() < 5


def test_planes_that_are_not_420_are_refused():
    prism = prism_of(identity_cube())
    with pytest.raises(ValueError, match="4:2:0"):
        apply_grade(prism, np.zeros((4, 4), np.uint8), np.zeros((4, 4), np.uint8), np.zeros((4, 4), np.uint8))


def test_black_becomes_little_lighter_than_the_templates_own_and_does_not_take_on_its_things_colour():
    night = np.concatenate(
        [cloud(4, (0.02, 0.0, 0.0), (0.02, 0.003, 0.003)), cloud(5, (0.7, 0.02, 0.06), (0.1, 0.02, 0.03))[:500]]
    )
    meadow, wood = cloud(6, (0.75, -0.1, 0.13), (0.06, 0.02, 0.02)), cloud(7, (0.2, -0.02, 0.02), (0.08, 0.02, 0.03))
    target = np.random.default_rng(8).permutation(np.concatenate([meadow, wood[:1500]]))
    grade = build_grade(night, look_of_pixels(target), grade_of(color_statistics(target)))
    black = oklab_from_rgb(grade.cube[0, 0, 0][None])[0]
    assert black[0] < np.quantile(target[:, 0], 0.02) + 0.1
    assert np.hypot(black[1], black[2]) < 0.2 * (black[0] + 0.02)

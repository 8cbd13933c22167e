"""Transition kernels against the formulas, on whole pictures."""

from itertools import pairwise

import numpy as np
import pytest

from clipzy_server.domain.style import Easing, TransitionType
from clipzy_server.rendering.easing import ease
from clipzy_server.rendering.resample import Picture
from clipzy_server.rendering.transitions import blend

SIZE = (48, 32)
BLACK = (16, 128, 128)


@pytest.fixture
def pictures():
    noise = np.random.default_rng(1)
    made = [Picture.empty(*SIZE) for _ in range(3)]
    for picture in made[:2]:
        for plane in picture.planes:
            plane[:] = noise.integers(16, 236, plane.shape)
    return made


def blended(kind, pictures, progress):
    before, after, out = pictures
    blend(kind, before, after, progress, out)
    return list(zip(before.planes, after.planes, out.planes, strict=True))


@pytest.mark.parametrize("progress", [0.0, 0.3, 0.5, 1.0])
def test_dissolve_is_the_mean_weighted_by_progress(pictures, progress):
    for one, two, out in blended(TransitionType.DISSOLVE, pictures, progress):
        truth = one * (1 - progress) + two * progress
        assert np.abs(out - truth).max() <= 0.51


@pytest.mark.parametrize("progress", [0.1, 0.5, 0.8])
def test_fade_goes_through_black(pictures, progress):
    for (one, two, out), black in zip(blended(TransitionType.FADE, pictures, progress), BLACK, strict=True):
        shown = one if progress < 0.5 else two
        truth = black + (shown.astype(float) - black) * abs(1 - 2 * progress)
        assert np.abs(out - truth).max() <= 0.51


@pytest.mark.parametrize("progress", [0.0, 0.25, 0.6, 1.0])
def test_wipe_uncovers_the_next_shot_from_the_right(pictures, progress):
    for one, two, out in blended(TransitionType.WIPE, pictures, progress):
        width = one.shape[1]
        share = np.clip(np.arange(width) + 1 - width * (1 - progress), 0, 1)
        assert np.abs(out - (one * (1 - share) + two * share)).max() <= 0.51


@pytest.mark.parametrize("progress", [0.0, 0.25, 0.61, 1.0])
def test_slide_pushes_the_last_shot_out_to_the_left(pictures, progress):
    for one, two, out in blended(TransitionType.SLIDE, pictures, progress):
        width = one.shape[1]
        both = np.concatenate([one, two, two[:, -1:]], axis=1).astype(float)
        shift = width * progress
        whole, part = int(shift), shift - int(shift)
        truth = both[:, whole : whole + width] * (1 - part) + both[:, whole + 1 : whole + 1 + width] * part
        assert np.abs(out - truth).max() <= 0.51


def test_zoom_begins_with_one_shot_and_ends_with_the_other(pictures):
    for one, _, out in blended(TransitionType.ZOOM, pictures, 0.0):
        assert np.abs(out.astype(int) - one).max() <= 1
    for _, two, out in blended(TransitionType.ZOOM, pictures, 1.0):
        assert np.array_equal(out, two)


@pytest.mark.parametrize("easing", Easing)
def test_easings_run_from_zero_to_one_and_never_back(easing):
    values = [ease(easing, k / 50) for k in range(51)]
    assert values[0] == 0
    assert values[-1] == 1
    assert all(a <= b for a, b in pairwise(values))


def test_easings_are_the_standard_cubics():
    assert ease(Easing.EASE_IN, 0.5) == 0.125
    assert ease(Easing.EASE_OUT, 0.5) == 0.875
    assert ease(Easing.EASE_IN_OUT, 0.25) == 0.0625
    assert ease(Easing.EASE_IN_OUT, 0.75) == 0.9375

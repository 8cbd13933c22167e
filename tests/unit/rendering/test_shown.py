"""What the plan shows in small: kept frames alone, inside their windows, at the output's shape."""

from fractions import Fraction

import numpy as np
import pytest

from clipzy_server.domain.job import Quality
from clipzy_server.domain.plan import CropKey, EditPlan, OutputFormat, Segment, ZoomMove
from clipzy_server.domain.style import Easing
from clipzy_server.rendering.footage import Thumbs
from clipzy_server.rendering.shown import shown_thumbs

SIZE = (384, 216)
WHOLE = CropKey(0.0, 0.0, 0.0, *SIZE)


def thumbs():
    """Two seconds at 30 Hz: dark left, bright right half; frame number in the blue difference."""
    y = np.full((60, 54, 96), 40, np.uint8)
    y[:, :, 48:] = 220
    u = np.broadcast_to(np.arange(60, dtype=np.uint8)[:, None, None] + 100, (60, 27, 48)).copy()
    return Thumbs(np.arange(60) / 30, y, u, np.full((60, 27, 48), 128, np.uint8))


def segment(first, count, source_s, key=WHOLE, zoom=None, scene_start_s=None):
    return Segment(Fraction(source_s), first, count, None, (key,), zoom, 0, scene_start_s)


def shown(*segments, size=SIZE):
    return shown_thumbs(EditPlan(OutputFormat(*size, Fraction(30), Quality.LOW), segments, None, ()), thumbs(), *SIZE)


def test_a_plan_that_keeps_everything_shows_the_thumbs_themselves():
    found, all_of_it = shown(segment(0, 60, 0)), thumbs()
    assert np.array_equal(found.times_s, all_of_it.times_s)
    for plane in "yuv":
        assert np.array_equal(getattr(found, plane), getattr(all_of_it, plane))


def test_only_kept_frames_are_shown():
    found = shown(segment(0, 10, Fraction(1, 3)), segment(10, 5, Fraction(5, 3)))
    assert found.u[:, 0, 0].tolist() == [*range(110, 120), *range(150, 155)]
    assert found.times_s[-1] == pytest.approx(14 / 30)


@pytest.mark.parametrize(("left", "luma"), [(0, 40), (262, 220)])
def test_only_what_lies_in_the_window_is_shown(left, luma):
    found = shown(segment(0, 60, 0, CropKey(0.0, left, 0, 122, 216)), size=(122, 216))
    assert found.y.shape[1:] == (54, 30)
    assert np.abs(found.y.astype(int) - luma).max() <= 1


def test_a_moving_window_and_a_zoom_are_followed():
    moving = Segment(
        Fraction(0), 0, 60, None, (CropKey(0, 0, 0, 122, 216), CropKey(2, 262, 0, 122, 216)), None, 0
    )  # fmt: skip
    bright = (shown(moving, size=(122, 216)).y > 130).mean(axis=(1, 2))
    assert bright[0] == 0
    assert bright[-1] > 0.95
    window = CropKey(0.0, 142, 0, 122, 216)
    near = shown(segment(0, 60, 0, window, ZoomMove(1.0, 2.0, Easing.LINEAR)), size=(122, 216))
    assert near.y.shape[1:] == (54, 30)


def test_long_outputs_are_thinned_evenly():
    many = [segment(60 * k, 60, 0) for k in range(10)]
    found = shown(*many)
    assert len(found.times_s) == 64
    assert found.times_s[-1] == pytest.approx(599 / 30)
    assert np.ptp(np.diff(found.times_s)) < 2 / 30


def test_nothing_before_the_scene_is_shown():
    found = shown(segment(0, 10, Fraction(1, 2), scene_start_s=Fraction(8, 15)))
    assert found.u[:, 0, 0].min() == 116

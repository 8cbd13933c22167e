import numpy as np
import pytest
from scipy import ndimage

from clipzy_server.analysis.motion.estimate import MotionEstimator

HEIGHT, WIDTH = 135, 240
DIAGONAL = float(np.hypot(HEIGHT, WIDTH))


@pytest.fixture(scope="module")
def plate():
    rng = np.random.default_rng(1)
    fine = ndimage.gaussian_filter(rng.normal(0, 1, (500, 700)), 3) * 200
    return 120 + fine + ndimage.gaussian_filter(rng.normal(0, 1, (500, 700)), 20) * 900


def view(plate, scale=1 + 0j, shift=(0.0, 0.0)):
    """The plate's middle, moved by a similarity about the centre of the view."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    points = (x - (WIDTH - 1) / 2) + 1j * (y - (HEIGHT - 1) / 2)
    source = (points - complex(*shift)) / scale
    at = [source.imag + plate.shape[0] / 2, source.real + plate.shape[1] / 2]
    noise = np.random.default_rng(2).normal(0, 2, (HEIGHT, WIDTH))
    return (ndimage.map_coordinates(plate, at, order=1) + noise).astype(np.float32)


def motion(before, now):
    estimator = MotionEstimator(*before.shape)
    estimator.next(before)
    return estimator.next(now)


@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.3, -0.2), (12.0, 5.0), (-60.0, 3.0)])
@pytest.mark.parametrize("scale", [1 + 0j, np.exp(0.03), np.exp(-0.02 + 0.03j)])
def test_similarities_are_recovered(plate, shift, scale):
    row = motion(view(plate), view(plate, scale, shift))
    assert row[0] * DIAGONAL == pytest.approx(shift[0], abs=0.15)
    assert row[1] * DIAGONAL == pytest.approx(shift[1], abs=0.15)
    assert row[2] == pytest.approx(np.log(abs(scale)), abs=0.002)
    assert row[3] == pytest.approx(np.angle(scale), abs=0.002)
    assert row[5] > 0.6


def test_brightness_is_no_motion(plate):
    row = motion(view(plate), view(plate) * 1.2 - 10)
    assert np.abs(row[:4]).max() < 0.001


def test_a_moving_foreground_is_ignored(plate):
    before, now = view(plate), view(plate, shift=(4.0, 0.0))
    before[40:90, 60:110] = view(plate[::-1])[40:90, 60:110]
    now[40:90, 70:120] = view(plate[::-1])[40:90, 60:110]
    assert motion(before, now)[0] * DIAGONAL == pytest.approx(4.0, abs=0.3)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (9, 200), (135, 240)])
def test_flat_pictures_stand_still(size):
    flat = np.full(size, 50, np.float32)
    assert np.abs(motion(flat, flat)[:4]).max() == 0


def test_unlike_pictures_are_not_trusted(plate):
    other = ndimage.gaussian_filter(np.random.default_rng(9).normal(0, 1, plate.shape), 4) * 500 + 120
    assert motion(view(plate), view(other))[5] < 0.5

"""Crop windows stay inside, hold the subject, and move calmly."""

from fractions import Fraction

import numpy as np
import pytest

from clipzy_server.rendering.crop_path import CropPlanner
from clipzy_server.rendering.footage import Thumbs

SIZE = (640.0, 360.0)
WINDOW = (202.0, 360.0)


def thumbs(place, seconds=6.0, noise=4):
    """96 × 54 pictures at 30 Hz: dim noise and a bright yellow disc whose middle is at place(t) 0…1 of the width."""
    random = np.random.default_rng(3)
    times = np.arange(round(seconds * 30)) / 30
    y = (70 + random.normal(0, noise, (len(times), 54, 96))).astype(np.uint8)
    u, v = np.full((len(times), 27, 48), 128, np.uint8), np.full((len(times), 27, 48), 128, np.uint8)
    rows, columns = np.mgrid[:54, :96]
    for k, time in enumerate(times):
        disc = np.hypot(columns - 96 * place(time), rows - 27) < 5.4
        y[k][disc] = 200
        half = disc[::2, ::2]
        u[k][half], v[k][half] = 30, 145
    return Thumbs(times, y, u, v)


def path_of(place, seconds=6.0):
    keys = CropPlanner(SIZE, WINDOW, Fraction(30), thumbs(place, seconds)).path(0.0, seconds)
    times = np.arange(0, seconds, 1 / 30)
    return times, np.interp(times, [key.time_s for key in keys], [key.x for key in keys]), keys


@pytest.mark.parametrize("share", [0.15, 0.5, 0.8])
def test_a_resting_subject_gets_a_still_window_around_it(share):
    _, x, keys = path_of(lambda _time: share)
    assert len(keys) == 1
    assert x[0] + 36 <= 640 * share + 8
    assert x[0] + 202 >= 640 * share + 36 - 8


def test_a_drifting_subject_stays_whole_inside_and_the_window_is_calm():
    times, x, keys = path_of(lambda time: 0.2 + 0.1 * time)
    subject = 640 * (0.2 + 0.1 * times)
    inside = (subject - 36 >= x - 7) & (subject + 36 <= x + 209)
    assert len(keys) > 5
    assert inside.mean() >= 0.95
    assert np.abs(np.diff(x)).max() <= 0.02 * 202


def test_a_leaping_subject_does_not_tear_the_window_along():
    _, x, _ = path_of(lambda time: 0.2 if time < 3 else 0.8)
    assert np.abs(np.diff(x)).max() <= 0.02 * 202
    assert x.min() >= 0
    assert x.max() <= 640 - 202


def test_an_even_picture_gets_the_middle_or_any_place_inside():
    flat = Thumbs(np.arange(30) / 30, np.full((30, 54, 96), 90, np.uint8), *[np.full((30, 27, 48), 128, np.uint8)] * 2)
    for key in CropPlanner(SIZE, WINDOW, Fraction(30), flat).path(0.0, 1.0):
        assert 0 <= key.x <= 640 - 202


def test_without_pictures_the_window_is_centred():
    (key,) = CropPlanner(SIZE, WINDOW, Fraction(30), None).path(0.0, 1.0)
    assert (key.x, key.y) == (219.0, 0.0)

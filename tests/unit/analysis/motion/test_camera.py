from itertools import pairwise

import numpy as np
import pytest

from clipzy_server.analysis.motion.camera import analyse_motion, compose, intensity
from clipzy_server.analysis.picture.features import Features
from clipzy_server.domain.analysis import PictureAnalysis, Shot
from clipzy_server.domain.style import AspectRatio

ASPECT = 16 / 9


def filmed(motion, seed=1):
    """Thumbnails uint8[n, 54, 96] of a plane of waves, seen by a camera that moves as said."""
    rng = np.random.default_rng(seed)
    waves = rng.uniform(0.15, 0.9, 8) * np.exp(1j * rng.uniform(0, 2 * np.pi, 8))
    phases = rng.uniform(0, 2 * np.pi, 8)
    x, y = np.meshgrid(np.arange(96) - 47.5, np.arange(54) - 26.5)
    a, t, pictures = complex(1), complex(0), []
    for dx, dy, log_scale, rotation in motion:
        step = np.exp(complex(log_scale, rotation))
        a, t = step * a, step * t + complex(dx, dy) * np.hypot(96, 54)
        places = (x + 1j * y - t) / a
        light = sum(np.cos((places * np.conj(k)).real + phase) for k, phase in zip(waves, phases, strict=True))
        pictures.append(np.clip(126 + 30 * light, 16, 235))
    return np.array(pictures).astype(np.uint8)


def features(motion, rate, thumbs):
    """Features of frames that moved as said: motion is [n, 4] (dx, dy, log_scale, rotation) per frame."""
    count = len(motion)
    rows = np.zeros((count, 6), np.float32)
    rows[:, :4], rows[:, 5] = motion, 1
    return Features(np.arange(count) / rate, thumbs, thumbs, thumbs, rows, np.zeros(count, np.float32))


def analyse(motion, rate=25, ends=None, thumbs=None):
    motion = np.asarray(motion, np.float64)
    some = features(motion, rate, filmed(motion) if thumbs is None else thumbs)
    ends = [0, *(ends or []), len(motion)]
    shots = tuple(Shot(a / rate, b / rate, a, b) for a, b in pairwise(ends))
    picture = PictureAnalysis(640, 360, len(motion) / rate, len(motion), rate, AspectRatio.WIDE, shots, 0.0)
    return analyse_motion(some, picture)


def steady(rate, seconds, dx=0.0, dy=0.0, zoom=0.0):
    return np.tile([dx / rate, dy / rate, zoom / rate, 0.0], (round(rate * seconds), 1))


def main(analysis):
    camera = analysis.camera
    shares = {name: getattr(camera, name) for name in ("pan", "tilt", "zoom", "handheld", "static")}
    assert sum(shares.values()) == pytest.approx(1)
    return max(shares, key=shares.get)


@pytest.mark.parametrize("rate", [12, 24, 25, 30, 60, 120])
def test_intensity_is_that_of_the_speed_at_any_rate(rate):
    assert analyse(steady(rate, 2, dx=0.1), rate).intensity == pytest.approx(intensity(0.1), abs=0.2)


@pytest.mark.parametrize(
    ("move", "name"),
    [({"dx": 0.05}, "pan"), ({"dy": -0.05}, "tilt"), ({"zoom": 0.1}, "zoom"), ({"zoom": -0.1}, "zoom"), ({}, "static")],
)
def test_steady_moves_have_their_class(move, name):
    found = analyse(steady(30, 3, **move))
    assert main(found) == name
    assert found.zoom_usage == (100 if name == "zoom" else 0)


def test_shaking_is_handheld():
    at = np.arange(120) / 30
    path = 0.01 * np.stack([np.sin(2 * np.pi * 1.7 * at), np.sin(2 * np.pi * 2.3 * at + 1)], axis=1)
    steps = np.diff(path, axis=0, prepend=path[:1])
    assert main(analyse(np.hstack([steps, np.zeros((120, 2))]), 30)) == "handheld"


def test_zoom_usage_is_the_share_of_shots_that_zoom():
    found = analyse(
        np.vstack([steady(25, 2, zoom=0.1), steady(25, 2), steady(25, 2, dx=0.1), steady(25, 2)]), 25, [50, 100, 150]
    )
    assert found.zoom_usage == 25
    assert [shot.zooms for shot in found.shots] == [True, False, False, False]


def test_something_that_comes_nearer_is_no_zoom():
    motion = steady(25, 2, zoom=0.1)
    thumbs = filmed(np.zeros_like(motion))
    thumbs[:, 8:46, 30:66] = filmed(motion)[:, 8:46, 30:66]
    assert analyse(motion, thumbs=thumbs).zoom_usage == 0
    assert analyse(motion).zoom_usage == 100


def test_a_zoom_while_the_camera_pans_is_a_zoom():
    assert analyse(steady(25, 2, dx=0.05, zoom=0.1)).zoom_usage == 100


def test_a_picture_without_detail_shows_no_zoom():
    motion = steady(25, 2, zoom=0.1)
    assert analyse(motion, thumbs=np.full((len(motion), 54, 96), 90, np.uint8)).zoom_usage == 0


def test_the_jump_at_a_cut_is_no_motion():
    motion = np.zeros((50, 4))
    motion[25] = [0.5, 0.3, 0.2, 0.1]
    assert analyse(motion, 25, [25]).intensity == 0


def test_a_single_frame_stands_still():
    found = analyse(np.zeros((1, 4)))
    assert (found.intensity, main(found), found.confidence["motion_intensity"]) == (0, "static", 0)


def test_windows_compose_what_lies_in_them():
    rows = np.zeros((4, 6), np.float32)
    rows[:, 2] = 0.01
    windows = compose(rows, np.arange(5) / 24, ASPECT)
    assert windows.zoom.sum() == pytest.approx(0.04)
    assert windows.seconds.sum() == pytest.approx(4 / 24)

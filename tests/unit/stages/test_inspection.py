import numpy as np
import pytest

from clipzy_server.analysis.picture.features import Features
from clipzy_server.domain.analysis import Join, PictureAnalysis, Shot, SoundAnalysis
from clipzy_server.domain.style import AspectRatio, Easing, TransitionType
from clipzy_server.stages.inspection import motion_curve, trace_sound
from tests.unit.media.clips import write_sound

RATE = 24


def moving(frames: int, speed: float) -> Features:
    """Features of a pan to the right, `speed` in diagonals per second."""
    motion = np.zeros((frames, 6), np.float32)
    motion[1:, 0], motion[:, 5] = speed / RATE, 1
    planes = np.zeros((frames, 54, 96), np.uint8)
    half = np.zeros((frames, 27, 48), np.uint8)
    return Features(np.arange(frames) / RATE, planes, half, half, motion, np.zeros(frames, np.float32))


def picture(frames: int, join: Join | None = None) -> PictureAnalysis:
    length_s = frames / RATE
    shots = [Shot(0.0, length_s, 0, frames)]
    if join is not None:
        middle_s = join.start_s + join.duration_s / 2
        middle = round(middle_s * RATE)
        shots = [Shot(0.0, middle_s, 0, middle), Shot(middle_s, length_s, middle, frames, join)]
    return PictureAnalysis(1920, 1080, length_s, frames, RATE, AspectRatio.WIDE, tuple(shots), 0.0)


def test_motion_is_drawn_on_the_published_scale():
    curve = motion_curve(moving(240, 0.3), picture(240))
    assert curve.values == pytest.approx([100 * (1 - np.exp(-1))] * len(curve.values), abs=0.05)
    assert curve.times_s[-1] == pytest.approx(10, abs=0.2)


def test_motion_has_a_gap_where_shots_are_joined():
    join = Join(TransitionType.DISSOLVE, 4.0, 1.0, Easing.LINEAR, 0.9)
    curve = motion_curve(moving(240, 0.3), picture(240, join))
    unknown = [at for at, value in zip(curve.times_s, curve.values, strict=True) if value is None]
    assert 3.8 < min(unknown) < 4.1
    assert 4.9 < max(unknown) < 5.2


def test_long_curves_have_as_many_points_as_are_seen():
    assert len(motion_curve(moving(24 * 600, 0.1), picture(24 * 600)).values) <= 1400


def test_a_single_frame_has_no_motion():
    assert motion_curve(moving(1, 0.0), picture(1)).values == ()


def test_silence_has_a_waveform_and_no_loudness(tmp_path):
    path = write_sound(tmp_path / "silence.mp4", seconds=4)
    sound = trace_sound(str(path), SoundAnalysis(has_sound=True, duration_s=4.0))
    assert sound is not None
    assert sound.duration_s == pytest.approx(4, abs=0.1)
    assert set(sound.highs) == {0.0}
    assert set(sound.momentary.values) == {None}

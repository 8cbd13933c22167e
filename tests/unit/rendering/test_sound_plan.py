from datetime import UTC, datetime

import pytest

from clipzy_server.domain.analysis import SoundAnalysis
from clipzy_server.domain.style import AspectRatio, AudioStyle, ColorGrade, Loudness, StyleDna, Transition
from clipzy_server.rendering.sound_plan import plan_sound

LOUD = Loudness(-14.0, 5.0, -1.0)
FULL = AudioStyle(0.7333, 4.0, 62.25, True)


def style(loudness=LOUD, audio=FULL):
    return StyleDna(
        color_grade=ColorGrade(),
        aspect_ratio=AspectRatio.WIDE,
        frame_rate=30,
        audio_style=audio,
        cut_frequency=0.0,
        motion_intensity=0.0,
        zoom_usage=0.0,
        primary_transition=Transition(),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        source_duration_seconds=1.0,
        extraction_confidence=1.0,
        loudness=loudness,
    )


FOOTAGE = SoundAnalysis(
    has_sound=True,
    speech_share=0.5,
    style=AudioStyle(0.3, 2.0, 30.0, False),
    loudness=Loudness(-24.0, 5.0, -6.0),
    bass_index_db=0.0,
)


def test_the_style_is_aimed_at():
    plan = plan_sound(style(), FOOTAGE, 1.0)
    assert plan.target_lufs == pytest.approx(-14)
    assert plan.compression_ratio == pytest.approx(2)
    assert plan.bass_gain_db == pytest.approx(6, abs=0.05)
    assert plan.enhance_speech


def test_strength_goes_part_of_the_way():
    plan = plan_sound(style(), FOOTAGE, 0.5)
    assert plan.target_lufs == pytest.approx(-19)
    assert plan.bass_gain_db == pytest.approx(3, abs=0.05)


def test_a_level_alone_is_enough():
    assert plan_sound(style(loudness=Loudness()), FOOTAGE, 1.0).target_lufs == pytest.approx(-14, abs=0.01)


@pytest.mark.parametrize(
    ("wanted", "footage", "strength"),
    [
        (style(Loudness(), AudioStyle()), FOOTAGE, 1.0),
        (style(), SoundAnalysis(has_sound=True), 1.0),
        (style(), FOOTAGE, 0.0),
    ],
)
def test_sound_is_left_alone_where_there_is_nothing_to_aim_at(wanted, footage, strength):
    plan = plan_sound(wanted, footage, strength)
    assert (plan.target_lufs, plan.compression_ratio, plan.bass_gain_db, plan.enhance_speech) == (
        None,
        None,
        0.0,
        False,
    )


def test_footage_without_sound_has_no_plan():
    assert plan_sound(style(), SoundAnalysis(), 1.0) is None


def test_compression_is_never_taken_away():
    assert plan_sound(style(audio=AudioStyle(0.5, 1.0, 30.0, False)), FOOTAGE, 1.0).compression_ratio is None

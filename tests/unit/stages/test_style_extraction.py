from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clipzy_server.analysis.colour.measure import ColourMeasure
from clipzy_server.domain.analysis import Join, MotionAnalysis, PictureAnalysis, Shot, SoundAnalysis
from clipzy_server.domain.codec import from_json, from_plain, to_plain
from clipzy_server.domain.color_scale import GRADE_FIELDS
from clipzy_server.domain.style import (
    AspectRatio,
    AudioStyle,
    Beat,
    BeatBand,
    Camera,
    ColorGrade,
    Easing,
    Look,
    LookColor,
    Loudness,
    PaletteColor,
    StyleDna,
    Transition,
    TransitionType,
)
from clipzy_server.stages.style_extraction import (
    Inputs,
    Outputs,
    extraction_confidence,
    nearest_frame_rate,
    run,
    steadiness,
    task,
    transitions_of,
)

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def join(kind: TransitionType, at_s: float, duration_s: float = 0.0, easing: Easing = Easing.LINEAR) -> Join:
    return Join(kind, at_s - duration_s / 2, duration_s, easing, 0.9)


def shots_between(joins: list[Join], duration_s: float) -> tuple[Shot, ...]:
    edges = [0.0, *(one.start_s + one.duration_s / 2 for one in joins), duration_s]
    frames = [round(edge * 25) for edge in edges]
    return tuple(
        Shot(edges[k], edges[k + 1], frames[k], frames[k + 1], joins[k - 1] if k else None)
        for k in range(len(edges) - 1)
    )


CUTS = [join(TransitionType.CUT, at) for at in (4.0, 8.0, 12.0, 16.0)]
SOUND = SoundAnalysis(
    has_sound=True,
    duration_s=20.0,
    tempo_bpm=101.5,
    beats=(Beat(500, 0.9, BeatBand.BASS),),
    music_genre="rock",
    style=AudioStyle(0.6, 2.0, 31.0, False),
    loudness=Loudness(-18.0, 5.0, -1.5),
    confidence={
        "audio_style.normalization_level": 1.0,
        "audio_style.compression_ratio": 0.6,
        "audio_style.bass_boost": 0.9,
        "audio_style.enhance_speech": 0.8,
        "tempo_bpm": 0.9,
        "music_genre": 0.6,
        "detected_beats": 0.9,
    },
)


def picture(joins: list[Join], duration_s: float = 20.0, rate: float = 25.0) -> PictureAnalysis:
    confidence = {"cut_frequency": 0.9, "aspect_ratio": 1.0, "frame_rate": 0.95}
    shots = shots_between(joins, duration_s)
    frequency = 60 * len(joins) / duration_s
    count = round(duration_s * rate)
    return PictureAnalysis(640, 360, duration_s, count, rate, AspectRatio.WIDE, shots, frequency, (), False, confidence)


MOTION = MotionAnalysis(22.34567, 40.0, Camera(0.2, 0.1, 0.1, 0.2, 0.4), (), {"motion_intensity": 0.9})


GREY = ColourMeasure(
    ColorGrade(contrast=12.5),
    (PaletteColor("#808080", 1.0),),
    Look((0.4, 0.6), (LookColor(0.5, 0.0, 0.0, 1.0),)),
    dict.fromkeys(GRADE_FIELDS, 0.7),
)


@pytest.fixture
def extract(tmp_path: Path):
    def from_analyses(seen=None, heard=SOUND, moved=MOTION) -> StyleDna:
        return run(Inputs(seen or picture(CUTS), heard, moved, GREY, AT), tmp_path, lambda _: None).style

    return from_analyses


def test_measured_values_arrive_in_the_style(extract):
    style = extract()
    assert (style.aspect_ratio, style.frame_rate, style.cut_frequency) == (AspectRatio.WIDE, 24, 12.0)
    assert (style.motion_intensity, style.zoom_usage) == (22.346, 40.0)
    assert (style.tempo_bpm, style.music_genre, style.audio_style.compression_ratio) == (101.5, "rock", 2.0)
    assert (style.created_at, style.source_duration_seconds) == (AT, 20.0)
    assert [shot.start_ms for shot in style.shots] == [0, 4000, 8000, 12000, 16000]
    assert style.shots[0].transition_in is None
    assert style.shots[1].transition_in.type is TransitionType.CUT
    assert (style.color_grade, style.palette, style.look) == (GREY.grade, GREY.palette, GREY.look)


def test_the_style_is_written_as_a_file(extract, tmp_path):
    style = extract()
    assert from_json(StyleDna, (tmp_path / "style.json").read_bytes()) == style


def test_the_same_inputs_give_the_same_bytes(extract, tmp_path):
    extract()
    first = (tmp_path / "style.json").read_bytes()
    extract()
    assert (tmp_path / "style.json").read_bytes() == first


def test_every_measured_field_has_a_confidence(extract):
    found = extract().field_confidence
    names = {f"color_grade.{name}" for name in GRADE_FIELDS}
    names |= {f"audio_style.{name}" for name in AudioStyle.__dataclass_fields__}
    names |= {
        "cut_frequency",
        "motion_intensity",
        "zoom_usage",
        "primary_transition",
        "tempo_bpm",
        "music_genre",
        "aspect_ratio",
        "frame_rate",
        "detected_beats",
    }
    assert names <= set(found)
    assert all(value is None or 0 <= value <= 1 for value in found.values())


@pytest.mark.parametrize(
    ("measured", "nearest"),
    [(23.976, 24), (25.0, 24), (26.9, 30), (29.97, 30), (42.0, 30), (43.0, 60), (120.0, 60), (12, 24)],
)
def test_the_frame_rate_is_the_nearest_in_ratio(measured, nearest):
    assert nearest_frame_rate(measured) == nearest


def test_hard_cuts_only_are_cut_and_nothing_else():
    assert transitions_of(CUTS) == (Transition(TransitionType.CUT, 0, Easing.LINEAR), None)


def test_the_most_frequent_transition_has_its_median_duration_and_most_frequent_easing():
    dissolves = [
        join(TransitionType.DISSOLVE, 2, 0.4, Easing.EASE_IN),
        join(TransitionType.DISSOLVE, 5, 0.6, Easing.EASE_OUT),
        join(TransitionType.DISSOLVE, 9, 1.4, Easing.EASE_OUT),
    ]
    primary, secondary = transitions_of([CUTS[0], *dissolves, join(TransitionType.CUT, 15)])
    assert primary == Transition(TransitionType.DISSOLVE, 600, Easing.EASE_OUT)
    assert secondary == Transition(TransitionType.CUT, 0, Easing.LINEAR)


def test_of_equally_frequent_transitions_the_first_seen_leads():
    wipe, slide = join(TransitionType.WIPE, 2, 0.5), join(TransitionType.SLIDE, 5, 0.5)
    assert [one.type for one in transitions_of([wipe, slide])] == [TransitionType.WIPE, TransitionType.SLIDE]


def test_an_opening_fade_is_no_transition_of_the_style(extract):
    seen = picture(CUTS)
    opening = replace(seen.shots[0], join=join(TransitionType.FADE, 0.5, 1.0))
    style = extract(replace(seen, shots=(opening, *seen.shots[1:])))
    assert style.primary_transition.type is TransitionType.CUT
    assert style.secondary_transition is None
    assert style.shots[0].transition_in.duration_ms == 1000


def test_a_video_without_joins_is_a_cut_with_low_confidence(extract):
    style = extract(picture([]))
    assert style.primary_transition == Transition(TransitionType.CUT, 0, Easing.LINEAR)
    assert style.secondary_transition is None
    assert style.field_confidence["primary_transition"] < 0.5


def test_silence_gives_neutral_sound_and_less_confidence(extract):
    loud, silent = extract(), extract(heard=SoundAnalysis())
    assert silent.audio_style == AudioStyle(0.0, 1.0, 0.0, False)
    assert (silent.tempo_bpm, silent.music_genre, silent.detected_beats) == (None, None, ())
    assert silent.field_confidence["tempo_bpm"] is None
    assert silent.extraction_confidence < loud.extraction_confidence - 0.05


def test_short_videos_are_trusted_less():
    fields = {"cut_frequency": 0.9, "color_grade.tint": 0.9}
    found = [extraction_confidence(fields, duration_s) for duration_s in (0.5, 2.0, 10.0, 60.0)]
    assert found == sorted(found)
    assert found[0] < 0.25
    assert found[-1] > 0.85


def test_null_confidences_do_not_count():
    assert extraction_confidence({"cut_frequency": 0.8, "tempo_bpm": None}, 98.0) == 0.784
    assert extraction_confidence({"tempo_bpm": None}, 98.0) == 0.0


def test_a_pace_that_changes_halfway_lowers_the_trust_in_it(extract):
    late = picture([join(TransitionType.CUT, 10.5 + 0.5 * k) for k in range(18)])
    even = picture([join(TransitionType.CUT, 0.5 + k) for k in range(19)])
    assert steadiness(even.shots, 20.0) > 0.95
    assert steadiness(late.shots, 20.0) < 0.5
    assert extract(late).field_confidence["cut_frequency"] < extract(even).field_confidence["cut_frequency"] - 0.3


def test_the_task_takes_and_gives_plain_values(tmp_path):
    inputs = Inputs(picture(CUTS), SOUND, MOTION, GREY, AT)
    steps: list[float] = []
    plain = task({"inputs": to_plain(inputs), "folder": str(tmp_path)}, steps.append)
    assert from_plain(Outputs, plain).style.created_at == AT
    assert steps == sorted(steps)
    assert steps[-1] == 1.0

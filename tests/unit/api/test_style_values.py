import json
from dataclasses import fields
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clipzy.v1 import style_pb2
from clipzy_server.api.style_messages import style_message
from clipzy_server.api.style_values import style_value
from clipzy_server.domain.errors import ErrorCode, Invalid
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
    ShotTransition,
    StyleDna,
    StyleShot,
    TextOverlay,
    Transition,
    TransitionType,
)

numbers = st.floats(allow_nan=False, allow_infinity=False)
whole = st.integers(-(2**31), 2**31 - 1)
words = st.text(max_size=20)
times = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


def values_of(kind, **known):
    """Any value of the dataclass: every field is given, so a forgotten mapping shows."""
    assert set(known) == {field.name for field in fields(kind)}
    return st.builds(kind, **known)


transitions = values_of(
    Transition, type=st.sampled_from(TransitionType), duration_ms=whole, easing=st.sampled_from(Easing)
)
shot_transitions = values_of(
    ShotTransition,
    type=st.sampled_from(TransitionType),
    start_ms=whole,
    duration_ms=whole,
    easing=st.sampled_from(Easing),
    confidence=numbers,
)
styles = values_of(
    StyleDna,
    version=st.just("1.0"),
    color_grade=values_of(ColorGrade, **{field.name: numbers for field in fields(ColorGrade)}),
    aspect_ratio=st.sampled_from(AspectRatio),
    frame_rate=st.sampled_from([24, 30, 60]),
    audio_style=values_of(
        AudioStyle,
        normalization_level=numbers,
        compression_ratio=numbers,
        bass_boost=numbers,
        enhance_speech=st.booleans(),
    ),
    cut_frequency=numbers,
    motion_intensity=numbers,
    zoom_usage=numbers,
    primary_transition=transitions,
    secondary_transition=st.none() | transitions,
    use_subtitles=st.booleans(),
    text_overlays=st.lists(
        values_of(
            TextOverlay,
            content=words,
            position=words,
            start_ms=whole,
            duration_ms=st.none() | whole,
            size_px=whole,
            color=words,
        ),
        max_size=3,
    ).map(tuple),
    detected_beats=st.lists(
        values_of(Beat, timestamp_ms=whole, confidence=numbers, frequency=st.sampled_from(BeatBand)), max_size=3
    ).map(tuple),
    tempo_bpm=st.none() | numbers,
    music_genre=st.none() | words,
    created_at=times,
    source_duration_seconds=numbers,
    extraction_confidence=numbers,
    field_confidence=st.dictionaries(words, st.none() | numbers, max_size=3),
    shots=st.lists(
        values_of(StyleShot, start_ms=whole, end_ms=whole, transition_in=st.none() | shot_transitions), max_size=3
    ).map(tuple),
    camera=values_of(Camera, **{field.name: numbers for field in fields(Camera)}),
    palette=st.lists(values_of(PaletteColor, color=words, share=numbers), max_size=3).map(tuple),
    loudness=values_of(Loudness, **{field.name: st.none() | numbers for field in fields(Loudness)}),
    look=st.none()
    | values_of(
        Look,
        lightness=st.lists(numbers, max_size=5).map(tuple),
        colors=st.lists(values_of(LookColor, **{field.name: numbers for field in fields(LookColor)}), max_size=3).map(
            tuple
        ),
    ),
)


@given(style=styles)
def test_a_style_survives_the_wire(style):
    sent = style_message(style).SerializeToString()
    assert style_value(style_pb2.StyleDna.FromString(sent), "style") == style


def test_the_message_has_the_published_field_names():
    published = [field.name for field in fields(StyleDna)]
    assert sorted(style_pb2.StyleDna.DESCRIPTOR.fields_by_name) == sorted(published)


@pytest.fixture
def message():
    """A style as a caller would send it."""
    return style_message(
        StyleDna(
            color_grade=ColorGrade(),
            aspect_ratio=AspectRatio.WIDE,
            frame_rate=24,
            audio_style=AudioStyle(),
            cut_frequency=7.0,
            motion_intensity=1.0,
            zoom_usage=0.0,
            primary_transition=Transition(),
            created_at=datetime(2026, 1, 2, tzinfo=UTC),
            source_duration_seconds=3.0,
            extraction_confidence=0.7,
            detected_beats=(Beat(10, 0.5, BeatBand.BASS),),
            look=Look((0.5,), (LookColor(0.5, 0.0, 0.0, 1.0),)),
            shots=(StyleShot(0, 10, ShotTransition(TransitionType.CUT, 0, 0, Easing.LINEAR, 1.0)),),
        )
    )


@pytest.mark.parametrize("name", ["color_grade", "audio_style", "primary_transition", "created_at", "aspect_ratio"])
def test_a_missing_part_is_named(message, name):
    message.ClearField(name)
    with pytest.raises(Invalid) as caught:
        style_value(message, "config.style")
    assert caught.value.code is ErrorCode.MISSING_FIELD
    assert f"config.style.{name}" in caught.value.detail


def test_parts_of_our_own_may_be_missing(message):
    for name in ("version", "camera", "loudness", "look", "palette", "shots", "field_confidence"):
        message.ClearField(name)
    style = style_value(message, "style")
    assert (style.version, style.camera, style.loudness, style.look) == ("1.0", Camera(), Loudness(), None)


@pytest.mark.parametrize(
    ("break_it", "field"),
    [
        (lambda m: setattr(m, "cut_frequency", float("nan")), "style.cut_frequency"),
        (lambda m: setattr(m.color_grade, "tint", float("inf")), "style.color_grade.tint"),
        (lambda m: m.look.lightness.append(float("-inf")), "style.look.lightness"),
        (lambda m: setattr(m.look.colors[0], "weight", float("nan")), "style.look.colors.weight"),
        (lambda m: setattr(m.field_confidence["tempo_bpm"], "value", float("nan")), "style.field_confidence"),
        (lambda m: setattr(m, "aspect_ratio", 99), "style.aspect_ratio"),
        (lambda m: setattr(m.primary_transition, "type", 77), "style.primary_transition.type"),
        (lambda m: setattr(m.shots[0].transition_in, "easing", 50), "style.shots.transition_in.easing"),
        (lambda m: setattr(m.detected_beats[0], "frequency", 9), "style.detected_beats.frequency"),
        (lambda m: setattr(m.created_at, "seconds", 10**15), "style.created_at"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name(message, break_it, field):
    break_it(message)
    with pytest.raises(Invalid) as caught:
        style_value(message, "style")
    assert caught.value.code is ErrorCode.VALIDATION_ERROR
    assert field in caught.value.detail
    json.dumps(caught.value.detail)

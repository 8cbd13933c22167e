"""Messages as the documented JSON values and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clipzy.v1 import job_pb2, style_pb2
from clipzy_client.plain import fill, number_of, to_plain, word_of

ENUMS = [
    style_pb2.AspectRatio.DESCRIPTOR,
    style_pb2.TransitionType.DESCRIPTOR,
    style_pb2.Easing.DESCRIPTOR,
    style_pb2.BeatBand.DESCRIPTOR,
    job_pb2.JobStatus.DESCRIPTOR,
    job_pb2.Stage.DESCRIPTOR,
    job_pb2.Dimension.DESCRIPTOR,
]
WORDS = [
    (style_pb2.AspectRatio.DESCRIPTOR, style_pb2.ASPECT_RATIO_21_9, "21:9"),
    (style_pb2.Easing.DESCRIPTOR, style_pb2.EASING_EASE_IN_OUT, "ease-in-out"),
    (style_pb2.Easing.DESCRIPTOR, style_pb2.EASING_LINEAR, "linear"),
    (job_pb2.Stage.DESCRIPTOR, job_pb2.STAGE_VIDEO_ANALYSIS, "video_analysis"),
    (job_pb2.Dimension.DESCRIPTOR, job_pb2.DIMENSION_FRAME_RATE, "frame_rate"),
]


@pytest.mark.parametrize(("enum", "number", "word"), WORDS)
def test_words_are_those_of_the_contract(enum, number, word):
    assert word_of(enum, number) == word
    assert number_of(enum, word) == number


@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.name)
def test_every_value_has_a_word_of_its_own(enum):
    words = [word_of(enum, value.number) for value in enum.values]
    assert words[0] is None
    assert len(set(words)) == len(words)
    assert [number_of(enum, word) for word in words[1:]] == [value.number for value in enum.values[1:]]


def test_unknown_word_is_refused():
    with pytest.raises(ValueError, match="sideways"):
        number_of(style_pb2.TransitionType.DESCRIPTOR, "sideways")


def test_unknown_field_is_refused_by_name():
    with pytest.raises(ValueError, match="mood"):
        fill(style_pb2.StyleDna(), {"mood": "sad"})


numbers = st.floats(-1e6, 1e6, allow_nan=False)
words = st.text(max_size=20)
shots = st.builds(style_pb2.StyleShot, start_ms=st.integers(0, 10**6), end_ms=st.integers(0, 10**6))
beats = st.builds(style_pb2.Beat, timestamp_ms=st.integers(0, 10**6), confidence=numbers, frequency=st.integers(1, 3))
styles = st.builds(
    style_pb2.StyleDna,
    version=words,
    frame_rate=st.integers(0, 1000),
    aspect_ratio=st.integers(1, 6),
    cut_frequency=numbers,
    tempo_bpm=st.none() | numbers,
    music_genre=st.none() | words,
    shots=st.lists(shots, max_size=3),
    detected_beats=st.lists(beats, max_size=3),
    color_grade=st.builds(style_pb2.ColorGrade, temperature=numbers),
    field_confidence=st.dictionaries(
        words, st.builds(style_pb2.FieldConfidence, value=st.none() | numbers), max_size=3
    ),
    primary_transition=st.builds(style_pb2.Transition, type=st.integers(1, 6), easing=st.integers(1, 4)),
)


@given(styles)
def test_style_survives_the_way_there_and_back(style):
    again = style_pb2.StyleDna()
    fill(again, to_plain(style))
    assert again == style


def test_absent_and_zero_are_told_apart():
    assert to_plain(style_pb2.StyleDna())["tempo_bpm"] is None
    assert to_plain(style_pb2.StyleDna(tempo_bpm=0))["tempo_bpm"] == 0

import json
from dataclasses import fields
from datetime import UTC, datetime

import jsonschema_rs
import pytest
from pydantic import ValidationError

from clipzy_server.domain import style as domain
from clipzy_server.rest import style_json as written
from clipzy_server.rest.style_json import StyleJson, style_json


def whole_style() -> domain.StyleDna:
    return domain.StyleDna(
        color_grade=domain.ColorGrade(temperature=12.5, shadows=-3.0),
        aspect_ratio=domain.AspectRatio.CINEMA,
        frame_rate=60,
        audio_style=domain.AudioStyle(0.5, 2.0, 11.0, enhance_speech=True),
        cut_frequency=17.0,
        motion_intensity=33.0,
        zoom_usage=21.0,
        primary_transition=domain.Transition(),
        created_at=datetime(2024, 4, 5, 10, 30, 0, 123456, tzinfo=UTC),
        source_duration_seconds=3.0,
        extraction_confidence=0.75,
        secondary_transition=domain.Transition(domain.TransitionType.ZOOM, 400, domain.Easing.EASE_IN),
        use_subtitles=True,
        text_overlays=(domain.TextOverlay("Hi", "bottom", 0, None, 40, "#ffffff"),),
        detected_beats=(domain.Beat(500, 0.9, domain.BeatBand.MID),),
        tempo_bpm=117.5,
        music_genre="jazz",
        field_confidence={"color_grade.temperature": 0.5, "tempo_bpm": None},
        shots=(
            domain.StyleShot(0, 1000),
            domain.StyleShot(
                1000, 3000, domain.ShotTransition(domain.TransitionType.WIPE, 900, 200, domain.Easing.LINEAR, 0.8)
            ),
        ),
        camera=domain.Camera(pan=0.25, static=0.75),
        palette=(domain.PaletteColor("#102030", 0.5),),
        loudness=domain.Loudness(-14.0, 5.0, -1.0),
        look=domain.Look((0.1, 0.9), (domain.LookColor(0.5, 0.1, -0.1, 1.0),)),
    )


def test_a_style_that_goes_out_comes_back_the_same():
    sent = json.dumps(style_json(whole_style()))
    assert StyleJson.model_validate_json(sent).to_domain() == whole_style()


def test_what_is_ours_alone_may_be_missing():
    sent = style_json(whole_style())
    for name in ("field_confidence", "shots", "camera", "palette", "loudness", "look", "secondary_transition"):
        del sent[name]
    back = StyleJson.model_validate_json(json.dumps(sent)).to_domain()
    assert (back.shots, back.look, back.camera) == ((), None, domain.Camera())


@pytest.mark.parametrize("key", ["tempo_bpm", "", "a\0b", "k" * 101])
def test_a_key_is_refused_by_the_model_exactly_when_the_schema_says_so(key):
    sent = {**style_json(whole_style()), "field_confidence": {key: 0.5}}
    valid = jsonschema_rs.is_valid(StyleJson.model_json_schema(), sent)
    assert valid == (key == "tempo_bpm")
    if valid:
        StyleJson.model_validate_json(json.dumps(sent))
    else:
        with pytest.raises(ValidationError):
            StyleJson.model_validate_json(json.dumps(sent))


@pytest.mark.parametrize("name", ["color_grade", "version", "created_at", "extraction_confidence"])
def test_what_is_published_must_be_there(name):
    sent = style_json(whole_style())
    del sent[name]
    with pytest.raises(ValidationError, match=name):
        StyleJson.model_validate_json(json.dumps(sent))


@pytest.mark.parametrize(
    "change",
    [
        {"mood": "sad"},
        {"color_grade": dict.fromkeys(("temperature", "tint"), 0)},
        {"cut_frequency": "3"},
        {"cut_frequency": True},
        {"frame_rate": 30.5},
        {"aspect_ratio": "2:1"},
        {"created_at": "2024-04-05T10:30:00"},
        {"music_genre": "a\0b"},
        {"detected_beats": [{"timestamp_ms": -1, "confidence": 1, "frequency": "bass"}]},
        {"camera": {"pan": 1}},
    ],
)
def test_unknown_fields_and_wrong_types_are_refused(change):
    with pytest.raises(ValidationError):
        StyleJson.model_validate_json(json.dumps(style_json(whole_style()) | change))


@pytest.mark.parametrize(
    ("model", "value"),
    [
        (written.StyleJson, domain.StyleDna),
        (written.ColorGradeJson, domain.ColorGrade),
        (written.AudioStyleJson, domain.AudioStyle),
        (written.TransitionJson, domain.Transition),
        (written.TextOverlayJson, domain.TextOverlay),
        (written.BeatJson, domain.Beat),
        (written.ShotJson, domain.StyleShot),
        (written.ShotTransitionJson, domain.ShotTransition),
        (written.CameraJson, domain.Camera),
        (written.LoudnessJson, domain.Loudness),
        (written.PaletteColorJson, domain.PaletteColor),
        (written.LookJson, domain.Look),
        (written.LookColorJson, domain.LookColor),
    ],
)
def test_the_json_has_exactly_the_fields_of_the_value(model, value):
    assert set(model.model_fields) == {field.name for field in fields(value)}

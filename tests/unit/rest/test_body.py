import json

import pytest
from google.api.httpbody_pb2 import HttpBody

from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.domain.job import Dimension, JobConfig, JobMode, Quality
from clipzy_server.rest.body import read_json
from clipzy_server.rest.job_request import NewJobJson
from clipzy_server.usecases.requests import NewJob


def read(body) -> NewJob:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_json(HttpBody(content_type="application/json; charset=utf-8", data=data), NewJobJson).to_domain()


def test_left_out_means_the_published_defaults():
    assert read({"video_id": "vid_1"}) == NewJob("vid_1", None, None, JobConfig())


def test_every_setting_arrives():
    config = {
        "quality": "low",
        "mode": "extract_only",
        "style_id": "sty_1",
        "style_json": None,
        "strength": 0.5,
        "apply": ["color", "audio"],
        "aspect_ratio": "9:16",
        "frame_rate": 60,
        "resolution": "1280x720",
        "keep_duration": True,
        "priority": -10,
        "dry_run": True,
    }
    asked = read({"video_id": "v", "template_video_id": "t", "webhook_url": "https://a.example", "config": config})
    assert (asked.template_video_id, asked.webhook_url) == ("t", "https://a.example")
    assert asked.config == JobConfig(
        quality=Quality.LOW,
        mode=JobMode.EXTRACT_ONLY,
        style_id="sty_1",
        strength=0.5,
        apply=(Dimension.COLOR, Dimension.AUDIO),
        aspect_ratio="9:16",
        frame_rate=60,
        resolution="1280x720",
        keep_duration=True,
        priority=-10,
        dry_run=True,
    )


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"video_id": 12}, "video_id"),
        ({"video_id": None}, "video_id"),
        ({"video_id": "a\0b"}, "video_id"),
        ({"video_id": "v", "templat_video_id": "x"}, "templat_video_id: unknown field"),
        ({"video_id": "v", "config": "high"}, "config"),
        ({"video_id": "v", "config": {"qualty": "high"}}, "config.qualty: unknown field"),
        ({"video_id": "v", "config": {"quality": "HIGH"}}, "config.quality"),
        ({"video_id": "v", "config": {"strength": "1"}}, "config.strength"),
        ({"video_id": "v", "config": {"strength": True}}, "config.strength"),
        ({"video_id": "v", "config": {"priority": 1.5}}, "config.priority"),
        ({"video_id": "v", "config": {"apply": "color"}}, "config.apply"),
        ({"video_id": "v", "config": {"apply": ["colour"]}}, "config.apply"),
        ({"video_id": "v", "config": {"dry_run": "true"}}, "config.dry_run"),
        ({"video_id": "v", "config": {"style_json": {}}}, "config.style_json.version: is required"),
        ({"video_id": "v", "config": {"style_json": {"mood": 1}}}, "config.style_json"),
        (b'{"video_id": "v", "config": {"strength": NaN}}', "config.strength"),
        (b'{"video_id": "v",}', "body"),
        (b"{'video_id': 'v'}", "body"),
        (b'{"video_id": "v" /* x */}', "body"),
        (b'{"video_id": "\\ud83d"}', "body"),
        (b"", "body"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(body, named):
    with pytest.raises(Invalid) as refusal:
        read(body)
    assert refusal.value.code == ErrorCode.VALIDATION_ERROR
    assert named in refusal.value.detail


def test_a_missing_field_of_the_body_has_its_own_code():
    with pytest.raises(Invalid) as refusal:
        read({"config": {}})
    assert (refusal.value.code, refusal.value.detail) == (ErrorCode.MISSING_FIELD, "video_id: is required")


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
def test_another_content_type_is_refused(content_type):
    with pytest.raises(Invalid) as refusal:
        read_json(HttpBody(content_type=content_type, data=b"{}"), NewJobJson)
    assert refusal.value.code == ErrorCode.UNSUPPORTED_MEDIA_TYPE


def test_a_refusal_never_repeats_the_value():
    with pytest.raises(Invalid) as refusal:
        read({"video_id": ["secret"]})
    assert "secret" not in refusal.value.detail

"""Answers of the server as the client's own values."""

from datetime import UTC, datetime

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from clipzy.v1 import job_pb2, style_pb2, usage_service_pb2, webhook_service_pb2
from clipzy_client import JobConfig, JobStatus, StyleDna
from clipzy_client.convert import config_to, delivery_from, job_from, result_from, style_from, style_to, usage_from
from clipzy_client.types import Delivery, DeliveryAttempt, DeliveryState, Meter, Usage

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def moment() -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(NOON)
    return stamp


def failed_job() -> job_pb2.Job:
    return job_pb2.Job(
        job_id="job_1",
        video_id="vid_1",
        status=job_pb2.JOB_STATUS_FAILED,
        created_at=moment(),
        updated_at=moment(),
        error=job_pb2.JobError(stage=job_pb2.STAGE_RENDERING, code="RENDER_FAILED", message="no"),
        eta=Duration(seconds=2, nanos=500_000_000),
    )


def test_job_has_plain_values():
    job = job_from(failed_job())
    assert job.status is JobStatus.FAILED
    assert job.status.is_terminal
    assert job.created_at == NOON
    assert job.started_at is None
    assert job.eta_seconds == 2.5
    assert job.current_stage is None
    assert (job.error.stage, job.error.code) == ("rendering", "RENDER_FAILED")


def test_result_has_plain_values():
    message = job_pb2.JobResult(
        job=failed_job(),
        stage_times=[job_pb2.StageTime(stage=job_pb2.STAGE_RENDERING, duration=Duration(seconds=3))],
        artifacts=[job_pb2.Artifact(name="output.mp4", url="/x", size_bytes=7)],
        fidelity={
            "framing": job_pb2.DimensionFidelity(
                template=job_pb2.FidelityValue(text="9:16"), output=job_pb2.FidelityValue(text="9:16"), nearness=1
            ),
            "cuts": job_pb2.DimensionFidelity(template=job_pb2.FidelityValue(number=30), nearness=0.5),
        },
    )
    result = result_from(message)
    assert result.stage_seconds == {"rendering": 3}
    assert result.artifacts[0].bytes == 7
    assert result.fidelity["framing"].template == "9:16"
    assert result.fidelity["cuts"].template == 30
    assert result.fidelity["cuts"].output is None


def test_usage_has_none_where_there_is_no_limit():
    message = usage_service_pb2.Usage(
        stored_bytes={"used": 5_000_000_000, "limit": 6_000_000_000},
        active_jobs={"used": 0, "limit": 0},
        requests_per_minute={"used": 3},
    )
    assert usage_from(message) == Usage(Meter(5_000_000_000, 6_000_000_000), Meter(0, 0), Meter(3, None))


def test_config_left_out_stays_left_out():
    assert config_to(JobConfig()) == job_pb2.JobConfig()


def test_config_keeps_an_empty_apply():
    assert config_to(JobConfig(apply=())).HasField("apply")
    assert not config_to(JobConfig(apply=None)).HasField("apply")


def test_config_with_an_unknown_word_is_refused():
    with pytest.raises(ValueError, match="gigantic"):
        config_to(JobConfig(quality="gigantic"))


def test_a_delivery_has_plain_values():
    tries = [{"at": moment(), "status": 500}, {"at": moment(), "error": "No HTTP answer came."}]
    message = webhook_service_pb2.WebhookDelivery(
        delivery_id="dlv_1",
        job_id="job_1",
        url="https://example.com/x",
        attempts=tries,
        state=webhook_service_pb2.DELIVERY_STATE_PENDING,
    )
    attempts = (DeliveryAttempt(NOON, 500, None), DeliveryAttempt(NOON, None, "No HTTP answer came."))
    pending = Delivery("dlv_1", "job_1", "https://example.com/x", attempts, DeliveryState.PENDING)
    assert delivery_from(message) == pending


def test_a_style_survives_the_way_there_and_back():
    message = style_pb2.StyleDna(
        version="1.0",
        color_grade={"temperature": 1.5},
        aspect_ratio=style_pb2.ASPECT_RATIO_9_16,
        audio_style={},
        primary_transition={"type": style_pb2.TRANSITION_TYPE_FADE, "duration_ms": 300, "easing": 4},
        created_at=moment(),
        tempo_bpm=100,
        field_confidence={"tempo_bpm": {"value": 0.9}, "look": {}},
        shots=[{"end_ms": 100, "transition_in": {"type": 1, "easing": 1}}],
        camera={"pan": 1},
        loudness={"integrated_lufs": -14},
        look={"lightness": [0.25], "colors": [{"l": 0.5, "weight": 1}]},
    )
    style = style_from(message)
    assert (style.aspect_ratio, style.primary_transition.easing, style.tempo_bpm) == ("9:16", "ease-in-out", 100)
    assert style.to_dict()["created_at"] == "2026-03-04T12:00:00Z"
    assert StyleDna.from_dict(style.to_dict()) == style
    assert style_to(style) == message


@pytest.mark.parametrize(
    ("change", "told"),
    [({"mood": "sad"}, "mood"), ({"camera": {"pan": 1}}, "tilt"), ({"color_grade": 3}, "StyleDna")],
)
def test_what_is_no_style_is_refused(change, told):
    with pytest.raises(ValueError, match=told):
        StyleDna.from_dict(
            style_from(
                style_pb2.StyleDna(
                    version="1.0",
                    color_grade={},
                    audio_style={},
                    created_at=moment(),
                    primary_transition={"type": 1, "easing": 1},
                )
            ).to_dict()
            | change
        )

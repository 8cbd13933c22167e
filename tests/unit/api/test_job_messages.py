from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from clipzy.v1 import job_pb2
from clipzy_server.api.job_messages import estimate_message, job_message, result_message
from clipzy_server.domain.job import (
    Artifact,
    DimensionFidelity,
    Job,
    JobConfig,
    JobFailure,
    JobResult,
    JobStatus,
    Stage,
)
from clipzy_server.usecases.requests import Estimate

NOON = datetime(2026, 1, 2, 12, 0, 0, 250_000, tzinfo=UTC)
QUEUED = Job("job_1", "own_1", "vid_1", JobStatus.QUEUED, 0, None, NOON, NOON, JobConfig())


def test_a_queued_job_leaves_unset_what_is_not_known_yet():
    message = job_message(QUEUED)
    assert (message.job_id, message.video_id, message.status) == ("job_1", "vid_1", job_pb2.JOB_STATUS_QUEUED)
    assert message.created_at.ToDatetime(tzinfo=UTC) == NOON
    unset = ("current_stage", "started_at", "completed_at", "template_video_id", "error", "eta")
    assert [name for name in unset if message.HasField(name)] == []


def test_a_running_job_tells_stage_and_time_left():
    message = job_message(
        replace(
            QUEUED,
            status=JobStatus.PROCESSING,
            progress_percent=37,
            current_stage=Stage.MOTION_ANALYSIS,
            started_at=NOON + timedelta(seconds=1),
            template_video_id="vid_2",
            stage_progress_percent=5,
            eta_seconds=2.5,
            attempt=2,
        )
    )
    assert message.current_stage == job_pb2.STAGE_MOTION_ANALYSIS
    assert (message.progress_percent, message.stage_progress_percent, message.attempt) == (37, 5, 2)
    assert message.started_at.ToDatetime(tzinfo=UTC) == NOON + timedelta(seconds=1)
    assert message.eta.ToTimedelta() == timedelta(seconds=2.5)
    assert message.template_video_id == "vid_2"


@pytest.mark.parametrize("stage", [Stage.RENDERING, None])
def test_a_failed_job_tells_why(stage):
    failed = replace(QUEUED, status=JobStatus.FAILED, error=JobFailure(stage, "RENDER_FAILED", "The encoder broke."))
    error = job_message(failed).error
    assert (error.code, error.message) == ("RENDER_FAILED", "The encoder broke.")
    assert error.HasField("stage") is (stage is not None)


def test_a_result_names_its_files_times_and_fidelity():
    message = result_message(
        JobResult(
            replace(QUEUED, status=JobStatus.COMPLETED),
            output_video_url="file:///storage/job_1/output.mp4",
            processing_time_seconds=1.25,
            artifacts=(Artifact("output.mp4", 5_000_000_000, "key", "hash"), Artifact("grade.cube", 3, "key", "hash")),
            stage_seconds={Stage.VIDEO_ANALYSIS: 0.5, Stage.RENDERING: 0.75},
            fidelity={"color": DimensionFidelity(1.5, "warm", 0.9), "zoom": DimensionFidelity(None, 2.0, 0.0)},
        )
    )
    assert [(file.name, file.url, file.size_bytes) for file in message.artifacts] == [
        ("output.mp4", "/api/v1/jobs/job_1/output", 5_000_000_000),
        ("grade.cube", "/api/v1/jobs/job_1/artifacts/grade.cube", 3),
    ]
    assert message.processing_time.ToTimedelta() == timedelta(seconds=1.25)
    assert [(entry.stage, entry.duration.ToMilliseconds()) for entry in message.stage_times] == [
        (job_pb2.STAGE_VIDEO_ANALYSIS, 500),
        (job_pb2.STAGE_RENDERING, 750),
    ]
    color = message.fidelity["color"]
    assert (color.template.number, color.output.text, color.nearness) == (1.5, "warm", 0.9)
    assert not message.fidelity["zoom"].HasField("template")
    assert not message.HasField("style")


def test_an_estimate_keeps_its_warnings():
    message = estimate_message(Estimate(True, 12.5, ("long",)))
    assert (message.valid, message.estimated_time.ToMilliseconds(), list(message.warnings)) == (True, 12_500, ["long"])

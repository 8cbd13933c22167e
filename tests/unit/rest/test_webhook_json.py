import json
from datetime import UTC, datetime, timedelta

import pytest

from clipzy_server.domain.job import Artifact, Job, JobConfig, JobFailure, JobResult, JobStatus, Stage
from clipzy_server.rest.answer import success
from clipzy_server.rest.job_json import job_result_json
from clipzy_server.rest.webhook_json import webhook_body
from tests.samples import style

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def result(status: JobStatus, **changes: object) -> JobResult:
    job = Job(
        "job_1", "own_1", "vid_1", status, 42, None, START, START + timedelta(seconds=9), JobConfig(), started_at=START,
        **changes,
    )  # type: ignore[arg-type] # fmt: skip
    url = "file:///storage/job_1/output.mp4" if status is JobStatus.COMPLETED else None
    artifacts = (Artifact("output.mp4", 10, "k", "0"),) if url else ()
    return JobResult(job, style(), url, 8.5, artifacts, {Stage.RENDERING: 1.5})


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED])
def test_the_data_are_those_of_the_result(status):
    ended = result(status)
    answered = json.loads(success("Job result retrieved", job_result_json(ended)).data)
    assert json.loads(webhook_body(ended))["data"] == answered["data"]


def test_a_completed_job_tells_where_its_output_lies():
    body = json.loads(webhook_body(result(JobStatus.COMPLETED)))
    assert {name: value for name, value in body.items() if name != "data"} == {
        "success": True,
        "message": "Job completed",
        "job_id": "job_1",
        "status": "completed",
        "progress_percent": 42,
        "output_video_url": "file:///storage/job_1/output.mp4",
        "processing_time_seconds": 8.5,
    }


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.CANCELLED])
def test_any_other_end_is_no_success_and_has_no_output(status):
    body = json.loads(webhook_body(result(status)))
    assert (body["success"], body["message"], body["status"]) == (False, f"Job {status}", status)
    assert "output_video_url" not in body


def test_a_failed_job_tells_why():
    failure = JobFailure(Stage.RENDERING, "RENDER_FAILED", "The encoder stopped.")
    body = json.loads(webhook_body(result(JobStatus.FAILED, error=failure)))
    assert body["data"]["error"] == {"stage": "rendering", "code": "RENDER_FAILED", "message": "The encoder stopped."}


def test_the_body_of_a_job_is_always_the_same():
    assert webhook_body(result(JobStatus.COMPLETED)) == webhook_body(result(JobStatus.COMPLETED))

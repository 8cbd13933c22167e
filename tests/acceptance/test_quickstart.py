"""The published quickstart, typed with curl: upload with all three fields, create a job, poll it, fetch the result."""

import json
import subprocess
from typing import Any

import pytest

METADATA = {
    "width": int,
    "height": int,
    "duration_seconds": float,
    "frame_rate": float,
    "codec": str,
    "bitrate_kbps": int,
    "format": str,
    "has_audio": bool,
    "audio_codec": str | None,
    "is_variable_frame_rate": bool,
    "is_hdr": bool,
    "rotation_degrees": int,
}
VIDEO = {
    "video_id": str,
    "filename": str,
    "file_size_bytes": int,
    "metadata": METADATA,
    "uploaded_at": str,
    "storage_url": str,
    "sha256": str,
    "template_video_id": str | None,
}
JOB = {
    "job_id": str,
    "video_id": str,
    "status": str,
    "progress_percent": int,
    "current_stage": str | None,
    "created_at": str,
    "updated_at": str,
    "started_at": str | None,
    "completed_at": str | None,
    "template_video_id": str | None,
    "error": None,
    "stage_progress_percent": int,
    "eta_seconds": float | None,
    "attempt": int,
}
RESULT = JOB | {
    "style_json": dict,
    "output_video_url": str,
    "processing_time_seconds": float,
    "artifacts": list,
    "stage_seconds": dict,
    "fidelity": dict,
}
STAGES = [
    "video_analysis",
    "audio_analysis",
    "motion_analysis",
    "style_extraction",
    "style_application",
    "rendering",
]


class Quickstart:
    """Types curl's command lines, as a reader of the documentation would."""

    def __init__(self, stack, folder) -> None:
        self.api = f"http://127.0.0.1:{stack.port}/api/v1"
        self.token = stack.token
        self.folder = folder

    def curl(self, *typed: str) -> dict[str, Any]:
        """The data of a success, whose envelope is checked; the message is under `message`."""
        command = ["curl", "-sS", "-H", f"Authorization: Bearer {self.token}", *typed]
        printed = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=True).stdout
        answer = json.loads(printed)
        assert answer.keys() == {"success", "message", "data"}, printed
        assert answer["success"] is True
        return answer


def fits(value: Any, shape: Any) -> bool:
    """Exactly these fields, each of its type; true is no number, and whole numbers may stand for others."""
    if isinstance(shape, dict):
        return value.keys() == shape.keys() and all(fits(value[name], inner) for name, inner in shape.items())
    if shape is None:
        return value is None
    if isinstance(value, bool) and shape is not bool:
        return False
    return isinstance(value, int | float) if shape is float else isinstance(value, shape)


@pytest.fixture(scope="module")
def quickstart(stack, clips):
    return Quickstart(stack, clips)


@pytest.fixture(scope="module")
def uploaded(quickstart):
    template = quickstart.curl("-X", "POST", f"{quickstart.api}/videos/upload", "-F", "file=@template.mp4")
    footage = quickstart.curl(
        *("-X", "POST", f"{quickstart.api}/videos/upload"),
        *("-F", "file=@footage.mp4"),
        *("-F", f"template_video_id={template['data']['video_id']}"),
        *("-F", "webhook_url=https://hooks.example.com/clipzy"),
    )
    return template, footage


@pytest.fixture(scope="module")
def created(quickstart, uploaded):
    template, footage = uploaded
    body = {
        "video_id": footage["data"]["video_id"],
        "template_video_id": template["data"]["video_id"],
        "webhook_url": "https://hooks.example.com/clipzy",
        "config": {"quality": "high"},
    }
    typed = ("-H", "Content-Type: application/json", "-d", json.dumps(body))
    return quickstart.curl("-X", "POST", f"{quickstart.api}/jobs", *typed)


@pytest.fixture(scope="module")
def finished(quickstart, created):
    """The job's id, once its events have ended."""
    job_id = created["data"]["job_id"]
    subprocess.run(
        ["curl", "-sSN", "-H", f"Authorization: Bearer {quickstart.token}", f"{quickstart.api}/jobs/{job_id}/events"],
        capture_output=True,
        check=True,
    )
    return job_id


def test_an_upload_prints_the_video(uploaded):
    template, footage = uploaded
    assert {answer["message"] for answer in uploaded} == {"Video uploaded successfully"}
    assert fits(footage["data"], VIDEO), footage
    assert footage["data"]["template_video_id"] == template["data"]["video_id"]
    assert (footage["data"]["filename"], footage["data"]["metadata"]["width"]) == ("footage.mp4", 480)
    assert footage["data"]["storage_url"] == f"file:///storage/{footage['data']['video_id']}/footage.mp4"


def test_a_new_job_prints_itself_queued(created):
    assert created["message"] == "Job created"
    assert fits(created["data"], JOB), created
    assert (created["data"]["status"], created["data"]["progress_percent"]) == ("queued", 0)


def test_polling_prints_the_job_until_it_has_completed(quickstart, created, finished):
    polled = quickstart.curl(f"{quickstart.api}/jobs/{finished}")
    assert polled["message"] == "Job retrieved"
    assert fits(polled["data"], JOB), polled
    data = polled["data"]
    assert (data["status"], data["progress_percent"], data["current_stage"]) == ("completed", 100, None)
    times = [data[name] for name in ("created_at", "started_at", "completed_at")]
    assert all(time.endswith("Z") for time in times)
    assert times == sorted(times)


def test_the_result_prints_what_the_job_made(quickstart, finished):
    result = quickstart.curl(f"{quickstart.api}/jobs/{finished}/result")
    assert result["message"] == "Job result retrieved"
    data = result["data"]
    assert fits(data, RESULT), result
    assert list(data["stage_seconds"]) == STAGES
    assert data["output_video_url"] == f"file:///storage/{finished}/output.mp4"
    assert data["style_json"]["version"] == "1.0"
    places = {artifact["name"]: artifact["url"] for artifact in data["artifacts"]}
    assert places["output.mp4"] == f"/api/v1/jobs/{finished}/output"
    assert {
        "style.json",
        "grade.cube",
        "timeline.otio",
        "timeline.edl",
        "report.html",
        "comparison.png",
    } <= places.keys()
    for artifact in data["artifacts"]:
        assert fits(artifact, {"name": str, "url": str, "bytes": int})
    for nearness in data["fidelity"].values():
        assert nearness.keys() == {"template", "output", "nearness"}


def test_the_list_prints_a_page_of_jobs(quickstart, finished):
    listed = quickstart.curl(f"{quickstart.api}/jobs?page=1&page_size=100&status=completed")
    assert listed["message"] == "Jobs retrieved"
    assert listed["data"].keys() == {"jobs", "total", "page", "page_size"}
    assert finished in [job["job_id"] for job in listed["data"]["jobs"]]


def test_health_prints_that_all_is_well(quickstart):
    health = quickstart.curl(f"{quickstart.api}/health")
    assert health["message"] == "API is healthy"
    assert fits(health["data"], {"status": str, "version": str, "timestamp": str, "dependencies": dict}), health

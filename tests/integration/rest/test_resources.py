"""Each route's answers, byte for byte where the contract says so."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from clipzy_server.domain.job import JobFailure, JobStatus, Stage
from clipzy_server.domain.webhook import DeliveryAttempt

START = datetime(2024, 4, 5, 10, 30, tzinfo=UTC)

JOB_FIELDS = [
    "job_id",
    "video_id",
    "status",
    "progress_percent",
    "current_stage",
    "created_at",
    "updated_at",
    "started_at",
    "completed_at",
    "template_video_id",
    "error",
    "stage_progress_percent",
    "eta_seconds",
    "attempt",
]


def form(*parts):
    """Parts are (name, text) or (name, filename, bytes)."""
    body = b""
    for name, *rest in parts:
        filename = f'; filename="{rest[0]}"' if len(rest) == 2 else ""
        content = rest[-1] if isinstance(rest[-1], bytes) else rest[-1].encode()
        head = f'--b0\r\nContent-Disposition: form-data; name="{name}"{filename}\r\n\r\n'
        body += head.encode() + content + b"\r\n"
    return {"content": body + b"--b0--\r\n", "headers": {"content-type": "multipart/form-data; boundary=b0"}}


async def test_usage_tells_every_quota_and_null_where_there_is_none(facade, expect_data):
    assert expect_data(await facade.http.get("/usage"), "Usage retrieved") == {
        "stored_bytes": {"used": 5_000_000_000, "limit": 6_000_000_000},
        "active_jobs": {"used": 0, "limit": None},
        "requests_per_minute": {"used": 7, "limit": 100},
    }


async def test_health_needs_no_token(facade, expect_data):
    request = facade.http.build_request("GET", "/health")
    del request.headers["authorization"]
    data = expect_data(await facade.http.send(request), "API is healthy")
    assert data == {
        "status": "ok",
        "version": "0.1",
        "timestamp": "2024-04-05T10:30:00Z",
        "dependencies": {"database": "ok", "storage": "ok"},
    }


@pytest.mark.parametrize("file_first", [True, False])
async def test_an_upload_answers_with_the_whole_video(facade, expect_data, file_first):
    content = bytes(range(256)) * 4096
    parts = [("file", "vidéo – 影片.mp4", content), ("template_video_id", "vid_2"), ("webhook_url", "")]
    sent = form(*(parts if file_first else parts[::-1]))
    video = expect_data(await facade.http.post("/videos/upload", **sent), "Video uploaded successfully")
    assert list(video) == [
        "video_id",
        "filename",
        "file_size_bytes",
        "metadata",
        "uploaded_at",
        "storage_url",
        "sha256",
        "template_video_id",
    ]
    assert video["filename"] == "vidéo – 影片.mp4"
    assert video["sha256"] == hashlib.sha256(content).hexdigest()
    assert (video["file_size_bytes"], video["template_video_id"]) == (len(content), "vid_2")
    assert video["metadata"]["audio_codec"] == "aac"
    assert expect_data(await facade.http.get(f"/videos/{video['video_id']}")) == video
    assert expect_data(await facade.http.get("/videos"))["videos"] == [video]
    assert expect_data(await facade.http.delete(f"/videos/{video['video_id']}")) == {"video_id": video["video_id"]}


@pytest.mark.parametrize(
    ("parts", "code", "named"),
    [
        ([("template_video_id", "vid_2")], "MISSING_FIELD", "file"),
        ([("file", "hello")], "MISSING_FIELD", "file"),
        ([("templat_video_id", "x"), ("file", "a.mp4", b"x")], "VALIDATION_ERROR", "templat_video_id"),
        ([("file", "a.mp4", b"x"), ("file", "b.mp4", b"y")], "VALIDATION_ERROR", "file"),
        ([("webhook_url", "x" * 5000)], "VALIDATION_ERROR", "webhook_url"),
        ([("webhook_url", b"\xff")], "VALIDATION_ERROR", "webhook_url"),
    ],
)
async def test_a_wrong_form_is_refused_by_name(facade, expect_error, parts, code, named):
    answer = await facade.http.post("/videos/upload", **form(*parts))
    assert named in expect_error(answer, 422, code)["detail"]
    assert all(sink.aborted for sink in facade.videos.sinks)


async def test_an_upload_that_is_cut_off_leaves_nothing(facade, expect_error):
    sent = form(("file", "a.mp4", b"x" * 10_000))
    sent["content"] = sent["content"][:-3]
    expect_error(await facade.http.post("/videos/upload", **sent), 422, "VALIDATION_ERROR")
    assert facade.videos.stored == {}
    assert facade.videos.sinks[0].aborted


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=other",
    ],
)
async def test_a_form_that_is_none_is_refused(facade, expect_error, content_type):
    sent = form(("file", "a.mp4", b"x")) | {"headers": {"content-type": content_type}}
    expect_error(await facade.http.post("/videos/upload", **sent), 422, "VALIDATION_ERROR")


async def test_another_content_type_of_an_upload_is_refused(facade, expect_error):
    sent = form(("file", "a.mp4", b"x")) | {"headers": {"content-type": "application/json"}}
    expect_error(await facade.http.post("/videos/upload", **sent), 415, "UNSUPPORTED_MEDIA_TYPE")


async def test_an_unknown_query_parameter_of_an_upload_is_refused_by_name(facade, expect_error):
    answer = await facade.http.post("/videos/upload?colour=1", **form(("file", "a.mp4", b"x")))
    assert "colour" in expect_error(answer, 422, "VALIDATION_ERROR")["detail"]


async def test_a_file_that_grows_over_the_limit_is_refused(facade, expect_error):
    content = b"x" * (facade.max_file_bytes + 1)
    expect_error(await facade.http.post("/videos/upload", **form(("file", "a.mp4", content))), 413, "FILE_TOO_LARGE")


async def test_a_created_job_is_exact(facade, expect_data):
    body = {"video_id": "vid_1", "template_video_id": None, "config": {"quality": "low", "strength": 1}}
    answer = await facade.http.post("/jobs", json=body, headers={"idempotency-key": "k1"})
    job = expect_data(answer, "Job created")
    assert list(job) == JOB_FIELDS
    assert job["created_at"] == "2024-04-05T10:30:00Z"
    assert [job[name] for name in ("status", "progress_percent", "error", "eta_seconds")] == ["queued", 0, None, None]
    assert facade.jobs.keys == ["k1"]
    assert facade.jobs.asked[0].config.quality == "low"


async def test_a_dry_run_only_estimates(facade, expect_data):
    answer = await facade.http.post("/jobs", json={"video_id": "vid_1", "config": {"dry_run": True}})
    assert expect_data(answer) == {"valid": True, "estimated_seconds": 12.5, "warnings": []}
    assert facade.jobs.stored == {}


@pytest.mark.parametrize(
    "content",
    [b'{"video_id": ', b"", b"[]", b"null", b'{"video_id": "\xff"}', b'{"video_id": ' + b"[" * 100_000, b"{} {}"],
)
async def test_malformed_json_is_422(facade, expect_error, content):
    answer = await facade.http.post("/jobs", content=content, headers={"content-type": "application/json"})
    expect_error(answer, 422, "VALIDATION_ERROR")


async def test_jobs_are_listed_and_filtered(facade, expect_data, expect_error):
    jobs = [facade.jobs.add(status) for status in (JobStatus.QUEUED, JobStatus.CANCELLED, JobStatus.QUEUED)]
    page = expect_data(await facade.http.get("/jobs?page_size=1&page=2&status=queued"), "Jobs retrieved")
    assert list(page) == ["jobs", "total", "page", "page_size"]
    assert ([job["job_id"] for job in page["jobs"]], page["total"]) == ([jobs[0].job_id], 2)
    for query in ("page=0", "page=abc", "page=", "page_size=101", "status=done", "page=1&page=2", f"page={10**30}"):
        name = query.partition("=")[0]
        assert name in expect_error(await facade.http.get(f"/jobs?{query}"), 422, "VALIDATION_ERROR")["detail"]


async def test_a_result_is_the_job_and_what_it_made(facade, expect_data, expect_error):
    job = facade.jobs.add(JobStatus.COMPLETED, progress_percent=100)
    result = expect_data(await facade.http.get(f"/jobs/{job.job_id}/result"), "Job result retrieved")
    shown = expect_data(await facade.http.get(f"/jobs/{job.job_id}"), "Job retrieved")
    assert {name: result[name] for name in JOB_FIELDS} == shown
    assert list(result)[len(JOB_FIELDS) :] == [
        "style_json",
        "output_video_url",
        "processing_time_seconds",
        "artifacts",
        "stage_seconds",
        "fidelity",
    ]
    assert result["artifacts"] == [
        {"name": "output.mp4", "url": f"/api/v1/jobs/{job.job_id}/output", "bytes": 10},
        {"name": "style.json", "url": f"/api/v1/jobs/{job.job_id}/artifacts/style.json", "bytes": 5},
    ]
    assert (next(iter(result["style_json"])), result["stage_seconds"]) == ("version", {"rendering": 1.5})
    active = facade.jobs.add(JobStatus.PROCESSING)
    expect_error(await facade.http.get(f"/jobs/{active.job_id}/result"), 409, "RESULT_NOT_READY")


async def test_a_failure_names_its_stage(facade, expect_data):
    job = facade.jobs.add(JobStatus.FAILED, error=JobFailure(Stage.RENDERING, "RENDER_FAILED", "No luck"))
    shown = expect_data(await facade.http.get(f"/jobs/{job.job_id}"))
    assert shown["error"] == {"stage": "rendering", "code": "RENDER_FAILED", "message": "No luck"}


async def test_cancel_and_retry_take_no_body(facade, expect_data, expect_error):
    job = facade.jobs.add()
    assert expect_data(await facade.http.post(f"/jobs/{job.job_id}/cancel"))["status"] == "cancelled"
    assert expect_data(await facade.http.post(f"/jobs/{job.job_id}/retry", json={}))["job_id"] != job.job_id
    expect_error(await facade.http.post(f"/jobs/{job.job_id}/retry", json={"a": 1}), 422, "VALIDATION_ERROR")


async def test_styles_are_saved_read_listed_compared_and_deleted(facade, expect_data, expect_error):
    dna = json.loads(json.dumps(_published_style()))
    saved = expect_data(await facade.http.post("/styles", json={"name": "calm", "style_json": dna}))
    assert list(saved) == ["style_id", "name", "style_json", "created_at"]
    assert {name: saved["style_json"][name] for name in dna} == dna
    path = f"/styles/{saved['style_id']}"
    assert expect_data(await facade.http.get(path)) == saved
    assert expect_data(await facade.http.get("/styles"))["styles"] == [saved]
    difference = expect_data(await facade.http.get(f"{path}/diff?with={saved['style_id']}"))
    assert difference["fields"] == [{"field": "motion_intensity", "a": 1.0, "b": 2.5, "change": 1.5}]
    expect_error(await facade.http.get(f"{path}/diff"), 422, "MISSING_FIELD")
    assert expect_data(await facade.http.delete(path)) == {"style_id": saved["style_id"]}
    expect_error(await facade.http.get(path), 404, "STYLE_NOT_FOUND")


def _published_style():
    return {
        "version": "1.0",
        "color_grade": dict.fromkeys(("temperature", "tint", "saturation", "contrast", "highlights", "shadows"), -5.5),
        "aspect_ratio": "16:9",
        "frame_rate": 30,
        "audio_style": {
            "normalization_level": 0.5,
            "compression_ratio": 4.0,
            "bass_boost": 20.0,
            "enhance_speech": True,
        },
        "cut_frequency": 3.5,
        "motion_intensity": 65.0,
        "zoom_usage": 30.0,
        "primary_transition": {"type": "fade", "duration_ms": 300, "easing": "ease-in-out"},
        "detected_beats": [{"timestamp_ms": 0, "confidence": 0.95, "frequency": "bass"}],
        "tempo_bpm": 120.0,
        "music_genre": "pop",
        "created_at": "2024-04-05T10:30:00Z",
        "source_duration_seconds": 60.0,
        "extraction_confidence": 0.92,
    }


async def test_deliveries_are_listed_newest_first_and_by_job(facade, expect_data, expect_error):
    refused = DeliveryAttempt(START, 500, None)
    first = facade.webhooks.add("job_1", refused, DeliveryAttempt(START, None, "No answer came in time."))
    second = facade.webhooks.add("job_2")
    listed = expect_data(await facade.http.get("/webhook-deliveries"), "Deliveries retrieved")
    assert list(listed) == ["deliveries", "total", "page", "page_size"]
    assert [one["delivery_id"] for one in listed["deliveries"]] == [second.delivery_id, first.delivery_id]
    one = expect_data(await facade.http.get("/webhook-deliveries/?job_id=job_1&page=1&page_size=5"))
    assert (one["total"], one["page"], one["page_size"]) == (1, 1, 5)
    assert one["deliveries"] == [
        {
            "delivery_id": first.delivery_id,
            "job_id": "job_1",
            "url": "https://example.com/hook",
            "attempts": [
                {"at": "2024-04-05T10:30:00Z", "status": 500, "error": None},
                {"at": "2024-04-05T10:30:00Z", "status": None, "error": "No answer came in time."},
            ],
            "state": "failed",
        }
    ]
    unknown = await facade.http.get("/webhook-deliveries?jobid=job_1")
    assert "jobid" in expect_error(unknown, 422, "VALIDATION_ERROR")["detail"]


async def test_a_delivery_is_sent_again(facade, expect_data, expect_error):
    path = f"/webhook-deliveries/{facade.webhooks.add('job_1').delivery_id}/resend"
    assert expect_data(await facade.http.post(path))["state"] == "pending"
    expect_error(await facade.http.post(path, json={"now": True}), 422, "VALIDATION_ERROR")
    expect_error(await facade.http.get(path), 405, "METHOD_NOT_ALLOWED")
    expect_error(await facade.http.post("/webhook-deliveries"), 405, "METHOD_NOT_ALLOWED")
    expect_error(await facade.http.post("/webhook-deliveries/dlv_1/resend"), 404, "DELIVERY_NOT_FOUND")


async def test_events_are_jobs_until_the_terminal_one(facade):
    job = facade.jobs.add(JobStatus.PROCESSING)
    later = [
        replace(job, progress_percent=50, updated_at=job.updated_at + timedelta(seconds=1)),
        replace(job, status=JobStatus.COMPLETED, updated_at=job.updated_at + timedelta(seconds=2)),
    ]
    facade.jobs.changes[job.job_id] = later
    answer = await facade.http.get(f"/jobs/{job.job_id}/events")
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.headers["cache-control"] == "no-store"
    events = [_event(text) for text in answer.text.split("\n\n") if text]
    assert [event["event"] for event in events] == ["job"] * 3
    assert [json.loads(event["data"])["status"] for event in events] == ["processing", "processing", "completed"]
    ids = [int(event["id"]) for event in events]
    assert ids == sorted(set(ids))
    rest = await facade.http.get(f"/jobs/{job.job_id}/events", headers={"last-event-id": events[0]["id"]})
    comment, *others = [text for text in rest.text.split("\n\n") if text]
    assert comment.startswith(":")
    assert [_event(text) for text in others] == events[1:]


def _event(text):
    return dict(line.split(": ", 1) for line in text.splitlines())

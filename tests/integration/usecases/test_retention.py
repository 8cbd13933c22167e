import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from clipzy_server.domain.errors import ErrorCode, NotFound
from clipzy_server.domain.job import Artifact, Job, JobConfig, JobMode
from clipzy_server.store.queue import migrate_queue
from clipzy_server.usecases.requests import NewJob, UploadRequest
from clipzy_server.usecases.retention import Retention, RetentionPolicy

POLICY = RetentionPolicy(job_ttl_s=3600)
LONG_AGO_S = datetime(2020, 1, 1, tzinfo=UTC).timestamp()


class RecordingEngine:
    def __init__(self) -> None:
        self.forgotten: list[str] = []

    async def forget(self, job_ids: tuple[str, ...]) -> None:
        self.forgotten += job_ids


@pytest.fixture
def engine() -> RecordingEngine:
    return RecordingEngine()


@pytest.fixture
async def retention(desk, database_url: str, engine: RecordingEngine) -> Retention:
    migrate_queue(database_url)
    return Retention(desk.database, desk.blobs, engine, POLICY)


async def _run(desk, query: str, **values: object) -> list[object]:
    async with desk.database.transaction() as connection:
        result = await connection.execute(text(query), values)
        return list(result.scalars()) if result.returns_rows else []


async def _ended(desk, content: bytes, *, hours_ago: float, webhook_url: str | None = None) -> Job:
    """A completed job with an output, ended so many hours ago."""
    video = await desk.upload(content)
    asked = NewJob(video.video_id, webhook_url=webhook_url, config=JobConfig(mode=JobMode.EXTRACT_ONLY))
    job = await desk.jobs.create(desk.owner, asked)
    key = f"jobs/{job.job_id}/rendering/1/output.mp4"
    async with desk.blobs.open_writer(key) as writer:
        await writer.write(b"output")
    await desk.progress.started(job.job_id)
    await desk.progress.completed(job.job_id, Artifact("output.mp4", 6, key, "0" * 64), ())
    await _run(
        desk,
        "UPDATE clipzy.job SET completed_at = completed_at - make_interval(mins => :m) WHERE job_id = :id",
        m=int(hours_ago * 60),
        id=job.job_id,
    )
    return job


async def test_a_job_goes_with_all_it_made_when_its_time_is_over(desk, retention, engine, published) -> None:
    old, young = await _ended(desk, b"old", hours_ago=2), await _ended(desk, b"young", hours_ago=0.5)
    assert await retention.expire() == 1
    for asked in (desk.jobs.get, desk.jobs.result, desk.jobs.output, desk.jobs.retry):
        with pytest.raises(NotFound) as refused:
            await asked(desk.owner, old.job_id)
        assert refused.value.code is ErrorCode.JOB_NOT_FOUND
    assert engine.forgotten == [old.job_id]
    assert [path for path in published() if path.startswith("jobs/")] == [f"jobs/{young.job_id}/rendering/1/output.mp4"]
    assert b"".join([piece async for piece in (await desk.jobs.output(desk.owner, young.job_id)).read()]) == b"output"
    assert await _run(desk, "SELECT job_id FROM clipzy.job_result") == [young.job_id]


async def test_videos_stay_until_they_are_deleted(desk, retention, published) -> None:
    job = await _ended(desk, b"old", hours_ago=1000)
    await retention.expire()
    await retention.collect()
    assert (await desk.videos.get(desk.owner, job.video_id)).video_id == job.video_id
    assert len(published()) == 1


async def test_active_jobs_stay_however_old_they_are(desk, retention, engine) -> None:
    waiting = await desk.jobs.create(desk.owner, NewJob((await desk.upload(b"waiting")).video_id))
    running = await desk.jobs.create(desk.owner, NewJob((await desk.upload(b"running")).video_id))
    await desk.progress.started(running.job_id)
    await _run(desk, "UPDATE clipzy.job SET created_at = '2020-01-01', updated_at = '2020-01-01'")
    assert await retention.expire() == 0
    assert engine.forgotten == []
    for job in (waiting, running):
        assert (await desk.jobs.get(desk.owner, job.job_id)).job_id == job.job_id


async def test_a_job_stays_until_its_last_message_is_sent_or_given_up(desk, retention) -> None:
    job = await _ended(desk, b"told", hours_ago=2, webhook_url="https://hooks.example/x")
    assert await retention.expire() == 0
    await _run(desk, "UPDATE clipzy.webhook_delivery SET state = 'delivered'")
    assert await retention.expire() == 1
    assert await _run(desk, "SELECT job_id FROM clipzy.webhook_delivery") == []
    with pytest.raises(NotFound):
        await desk.jobs.get(desk.owner, job.job_id)


async def test_many_jobs_go_in_one_round(desk, retention, engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clipzy_server.usecases.retention._BATCH", 2)
    jobs = [await _ended(desk, str(number).encode(), hours_ago=2) for number in range(5)]
    assert await retention.expire() == 5
    assert set(engine.forgotten) == {job.job_id for job in jobs}


async def test_without_a_time_jobs_are_kept_for_ever(desk, engine) -> None:
    retention = Retention(desk.database, desk.blobs, engine, replace(POLICY, job_ttl_s=0))
    await _ended(desk, b"old", hours_ago=100_000)
    assert await retention.expire() == 0


async def test_what_a_janitor_that_was_killed_left_behind_is_found_again(desk, retention, published) -> None:
    job = await _ended(desk, b"old", hours_ago=2)
    # Killed just after the rows had gone.
    await _run(desk, "DELETE FROM clipzy.job")
    assert any(path.startswith(f"jobs/{job.job_id}/") for path in published())
    assert await retention.collect() == 1
    assert not any(path.startswith("jobs/") for path in published())


async def test_bytes_that_never_became_a_video_go_when_they_are_old(desk, retention, published, tmp_path: Path) -> None:
    for name in ("vid_old", "vid_new"):
        async with desk.blobs.open_writer(f"{name}/clip.mp4") as writer:
            await writer.write(b"lost")
    os.utime(tmp_path / "storage" / "vid_old" / "clip.mp4", (LONG_AGO_S, LONG_AGO_S))
    assert await retention.collect() == 1
    assert published() == ["vid_new/clip.mp4"]


async def test_bytes_that_another_video_shares_stay(desk, retention, published, tmp_path: Path) -> None:
    first, second = [await desk.upload(b"shared") for _ in range(2)]
    await desk.videos.delete(desk.owner, first.video_id)
    (path,) = published()
    os.utime(tmp_path / "storage" / path, (LONG_AGO_S, LONG_AGO_S))
    assert path.startswith(first.video_id)
    assert await retention.collect() == 0
    assert published() == [path]
    assert (await desk.videos.get(desk.owner, second.video_id)).blob_key == path


async def test_a_file_that_was_long_in_coming_counts_as_new_when_it_is_published(desk, retention, published) -> None:
    path = desk.blobs.staged_path()
    path.write_bytes(b"slow")
    os.utime(path, (LONG_AGO_S, LONG_AGO_S))
    await desk.blobs.put_file("vid_slow/clip.mp4", path)
    assert await retention.collect() == 0
    assert published() == ["vid_slow/clip.mp4"]


async def test_idempotency_keys_are_forgotten_after_a_day(desk, retention) -> None:
    video = await desk.upload(b"a")
    await desk.jobs.create(desk.owner, NewJob(video.video_id), "young")
    other = await desk.upload(b"b")
    await desk.jobs.create(desk.owner, NewJob(other.video_id), "old")
    await _run(desk, "UPDATE clipzy.idempotency SET created_at = created_at - interval '25 hours' WHERE key = 'old'")
    await retention.expire()
    assert await _run(desk, "SELECT key FROM clipzy.idempotency") == ["young"]


async def _half_uploaded(desk) -> str:
    upload = await desk.uploads.start(desk.owner, UploadRequest("clip.mp4", 1000))
    async with desk.uploads.appending(desk.owner, upload.upload_id, 0) as appending:
        await appending.write(b"x" * 10)
    return upload.upload_id


async def test_uploads_whose_time_is_over_go_with_their_bytes(desk, retention: Retention) -> None:
    late, kept = await _half_uploaded(desk), await _half_uploaded(desk)
    await _run(desk, "UPDATE clipzy.upload SET expires_at = now() WHERE upload_id = :id", id=late)
    await retention.expire()
    assert await _run(desk, "SELECT upload_id FROM clipzy.upload") == [kept]
    assert await desk.blobs.folders("uploads") == [kept]


async def test_pieces_of_no_upload_are_litter(desk, retention: Retention) -> None:
    lost, kept = await _half_uploaded(desk), await _half_uploaded(desk)
    await _run(desk, "DELETE FROM clipzy.upload WHERE upload_id = :id", id=lost)
    assert await retention.collect() == 1
    assert await desk.blobs.folders("uploads") == [kept]

import asyncio
from dataclasses import replace

import pytest

from clipzy_server.domain.errors import ErrorCode, Exhausted
from clipzy_server.domain.job import Job, JobConfig, JobStatus
from clipzy_server.domain.page import PageRequest
from clipzy_server.domain.usage import Meter
from clipzy_server.usecases.requests import NewJob, UploadRequest

LIMIT = 3


async def _refusals(calls) -> list[Exhausted]:
    """The refusals among calls made at once; every other error is raised."""
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Exhausted)]
    assert all(not isinstance(outcome, BaseException) or outcome in refusals for outcome in outcomes), outcomes
    return refusals


@pytest.fixture
def few_jobs(desk):
    desk.limits = replace(desk.limits, quota_active_jobs=LIMIT)
    return desk


async def test_of_many_creates_at_once_never_one_too_many_is_let_in(few_jobs) -> None:
    desk = few_jobs
    videos = [await desk.upload(str(number).encode()) for number in range(9)]
    refusals = await _refusals(desk.jobs.create(desk.owner, NewJob(video.video_id)) for video in videos)
    assert len(refusals) == len(videos) - LIMIT
    assert {(refused.code, refused.retry_after_s) for refused in refusals} == {(ErrorCode.QUOTA_EXCEEDED, 10.0)}
    assert (await desk.usages.of(desk.owner)).active_jobs == Meter(LIMIT, LIMIT)
    assert len(desk.queue.queued) == LIMIT


async def test_a_job_that_ended_makes_room_and_other_owners_have_their_own(few_jobs) -> None:
    desk = few_jobs
    videos = [await desk.upload(str(number).encode()) for number in range(LIMIT + 1)]
    jobs = [await desk.jobs.create(desk.owner, NewJob(video.video_id)) for video in videos[:LIMIT]]
    one_more = NewJob(videos[LIMIT].video_id)
    for refused in (desk.jobs.create(desk.owner, one_more), desk.jobs.estimate(desk.owner, one_more)):
        with pytest.raises(Exhausted):
            await refused
    assert (await desk.usages.of(desk.stranger)).active_jobs.used == 0
    await desk.jobs.cancel(desk.owner, jobs[0].job_id)
    assert (await desk.jobs.create(desk.owner, one_more)).status is JobStatus.QUEUED
    with pytest.raises(Exhausted):
        await desk.jobs.retry(desk.owner, jobs[0].job_id)


async def test_a_repeated_create_gives_its_first_answer_at_the_limit_too(few_jobs) -> None:
    desk = few_jobs
    videos = [await desk.upload(str(number).encode()) for number in range(LIMIT)]
    asked = [NewJob(video.video_id, config=JobConfig()) for video in videos]
    first: list[Job] = [await desk.jobs.create(desk.owner, one, f"key-{n}") for n, one in enumerate(asked)]
    again = [await desk.jobs.create(desk.owner, one, f"key-{n}") for n, one in enumerate(asked)]
    assert again == first


async def test_cancelling_and_creating_at_once_never_stand_in_each_others_way(desk) -> None:
    videos = [await desk.upload(str(number).encode()) for number in range(8)]
    for _ in range(3):
        jobs = [await desk.jobs.create(desk.owner, NewJob(video.video_id)) for video in videos]
        urgent = JobConfig(priority=10)
        more = [await desk.upload(f"more {number}".encode()) for number in range(4)]
        await asyncio.gather(
            *(desk.jobs.cancel(desk.owner, job.job_id) for job in jobs),
            *(desk.jobs.create(desk.owner, NewJob(video.video_id, config=urgent)) for video in more),
        )
        page = await desk.jobs.list(desk.owner, PageRequest(), JobStatus.QUEUED)
        assert page.total == len(more)
        for job in page.items:
            await desk.jobs.cancel(desk.owner, job.job_id)


@pytest.fixture
def few_bytes(desk):
    desk.limits = replace(desk.limits, quota_stored_bytes=10)
    return desk


async def test_bytes_over_the_quota_are_refused_before_they_come_where_their_number_is_announced(
    few_bytes, staged
) -> None:
    desk = few_bytes
    await desk.upload(b"123456")
    with pytest.raises(Exhausted) as refused:
        await desk.videos.begin(desk.owner, UploadRequest("b.mp4", size_bytes=5))
    assert (refused.value.code, refused.value.retry_after_s) == (ErrorCode.QUOTA_EXCEEDED, 60.0)
    assert staged() == []
    await desk.upload(b"1234", size_bytes=4)
    assert (await desk.usages.of(desk.owner)).stored_bytes == Meter(10, 10)


async def test_bytes_over_the_quota_are_refused_as_soon_as_they_come_where_they_are_not(
    few_bytes, staged, published
) -> None:
    desk = few_bytes
    await desk.upload(b"123456")
    sink = await desk.videos.begin(desk.owner, UploadRequest("b.mp4"))
    await sink.write(b"1234")
    with pytest.raises(Exhausted):
        await sink.write(b"5")
    await sink.abort()
    assert staged() == []
    assert len(published()) == 1


async def test_of_many_uploads_at_once_never_more_bytes_are_stored_than_the_quota_has(few_bytes, published) -> None:
    desk = few_bytes
    sinks = [await desk.videos.begin(desk.owner, UploadRequest("a.mp4")) for _ in range(6)]
    for number, sink in enumerate(sinks):
        await sink.write(f"{number}23".encode())
    refusals = await _refusals(sink.finish() for sink in sinks)
    assert len(refusals) == 3
    assert (await desk.usages.of(desk.owner)).stored_bytes.used == 9
    assert len(published()) == 3


async def test_equal_content_counts_once_and_a_deleted_video_no_more(few_bytes) -> None:
    desk = few_bytes
    desk.limits = replace(desk.limits, quota_stored_bytes=16)
    first, second = [await desk.upload(b"12345678") for _ in range(2)]
    assert (await desk.usages.of(desk.owner)).stored_bytes.used == 8
    await desk.videos.delete(desk.owner, first.video_id)
    assert (await desk.usages.of(desk.owner)).stored_bytes.used == 8
    await desk.videos.delete(desk.owner, second.video_id)
    assert (await desk.usages.of(desk.owner)).stored_bytes.used == 0


async def test_what_unfinished_uploads_have_announced_is_taken(few_bytes) -> None:
    desk = few_bytes
    starts = [desk.uploads.start(desk.owner, UploadRequest(f"{n}.mp4", size_bytes=4)) for n in range(4)]
    assert len(await _refusals(starts)) == 2
    assert (await desk.usages.of(desk.owner)).stored_bytes.used == 8
    with pytest.raises(Exhausted):
        await desk.videos.begin(desk.owner, UploadRequest("c.mp4", size_bytes=3))


async def test_an_upload_counts_once_when_it_has_become_a_video_and_not_at_all_when_it_was_called_off(
    few_bytes,
) -> None:
    desk = few_bytes
    first, second = [await desk.uploads.start(desk.owner, UploadRequest("a.mp4", size_bytes=5)) for _ in range(2)]
    async with desk.uploads.appending(desk.owner, first.upload_id, 0) as appending:
        await appending.write(b"12345")
        await desk.uploads.finish(desk.owner, appending)
    assert (await desk.usages.of(desk.owner)).stored_bytes.used == 10
    await desk.uploads.terminate(desk.owner, second.upload_id)
    assert (await desk.usages.of(desk.owner)).stored_bytes.used == 5

import pytest

from clipzy_server.domain.job import Artifact, Job
from clipzy_server.usecases.requests import NewJob
from clipzy_server.usecases.tidying import Tidying


@pytest.fixture
def tidying(desk) -> Tidying:
    return Tidying(desk.database, desk.blobs)


async def _begun(desk, content: bytes) -> Job:
    """A running job with the files of two attempts at a stage."""
    video = await desk.upload(content)
    job = await desk.jobs.create(desk.owner, NewJob(video.video_id))
    await desk.progress.started(job.job_id)
    for attempt in ("1", "2"):
        async with desk.blobs.workspace(f"jobs/{job.job_id}/rendering/{attempt}") as folder:
            for name in ("output.mp4", "working.npy"):
                (folder / name).write_bytes(b"x")
    return job


async def _completed(desk, content: bytes) -> tuple[Job, str]:
    job = await _begun(desk, content)
    key = f"jobs/{job.job_id}/rendering/2/output.mp4"
    await desk.progress.completed(job.job_id, Artifact("output.mp4", 1, key, "0" * 64), ())
    return job, key


async def test_of_a_completed_job_only_what_it_published_stays(desk, tidying) -> None:
    job, key = await _completed(desk, b"a")
    await tidying.tidy(job.job_id)
    assert await desk.blobs.keys(f"jobs/{job.job_id}") == [key]
    assert b"".join([piece async for piece in (await desk.jobs.output(desk.owner, job.job_id)).read()]) == b"x"


async def test_of_a_job_that_was_called_off_nothing_stays(desk, tidying) -> None:
    job = await _begun(desk, b"a")
    await desk.jobs.cancel(desk.owner, job.job_id)
    assert await tidying.tidy_some() == 1
    assert await desk.blobs.keys("jobs") == []


async def test_an_active_job_keeps_everything(desk, tidying) -> None:
    job = await _begun(desk, b"a")
    await tidying.tidy(job.job_id)
    assert await tidying.tidy_some() == 0
    assert len(await desk.blobs.keys(f"jobs/{job.job_id}")) == 4


async def test_each_job_is_tidied_once(desk, tidying) -> None:
    done = [await _completed(desk, content) for content in (b"a", b"b")]
    await tidying.tidy(done[0][0].job_id)
    assert await tidying.tidy_some() == 1
    assert await tidying.tidy_some() == 0
    assert await desk.blobs.keys("jobs") == sorted(key for _, key in done)


async def test_a_job_that_is_no_more_is_passed_over(tidying) -> None:
    await tidying.tidy("job_gone")

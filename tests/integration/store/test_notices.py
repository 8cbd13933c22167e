import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest
from sqlalchemy import text

from clipzy_server.domain.job import Job, JobStatus, Stage
from clipzy_server.store.database import Database
from clipzy_server.store.notices import Notices
from clipzy_server.usecases.requests import NewJob

LISTENERS = text(
    "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database() AND state = 'idle'"
)


async def _listener(database: Database) -> int:
    while True:
        async with database.reading() as connection:
            pid = (await connection.execute(LISTENERS)).scalar_one_or_none()
        if pid is not None:
            return int(pid)


@pytest.fixture
async def job(desk) -> Job:
    video = await desk.upload(b"bytes of a video")
    return await desk.jobs.create(desk.owner, NewJob(video.video_id))


async def test_a_watcher_sees_the_job_then_its_changes_then_the_end(desk, job: Job) -> None:
    seen = []
    async for state in desk.jobs.watch(desk.owner, job.job_id):
        seen.append(state.status)
        if state.status is JobStatus.QUEUED:
            await desk.progress.started(job.job_id)
        elif state.status is JobStatus.PROCESSING:
            await desk.progress.completed(job.job_id, None, ())
    assert seen == [JobStatus.QUEUED, JobStatus.PROCESSING, JobStatus.COMPLETED]


async def test_a_watcher_of_a_finished_job_sees_its_last_state_only(desk, job: Job) -> None:
    await desk.progress.cancelled(job.job_id)
    assert [state.status async for state in desk.jobs.watch(desk.owner, job.job_id)] == [JobStatus.CANCELLED]


async def test_a_slow_watcher_gets_the_newest_and_holds_nobody_up(desk, job: Job) -> None:
    await desk.progress.started(job.job_id)
    async with aclosing(desk.jobs.watch(desk.owner, job.job_id)) as slow:
        first = await anext(slow)
        for percent in range(0, 101, 10):
            await desk.progress.advance(job.job_id, Stage.RENDERING, percent)
        await desk.progress.completed(job.job_id, None, ())
        quick = [state async for state in desk.jobs.watch(desk.owner, job.job_id)]
        rest = [state async for state in slow]
    assert first.progress_percent == 1
    assert quick[-1].status is JobStatus.COMPLETED
    assert rest[-1].status is JobStatus.COMPLETED
    assert len(rest) < 11


async def test_many_watchers_of_one_job_all_see_the_end(desk, job: Job) -> None:
    async def last() -> Job:
        states = [state async for state in desk.jobs.watch(desk.owner, job.job_id)]
        times = [state.updated_at for state in states]
        assert times == sorted(set(times))
        return states[-1]

    watchers = [asyncio.create_task(last()) for _ in range(50)]
    await desk.progress.started(job.job_id)
    await desk.progress.completed(job.job_id, None, ())
    assert {state.status for state in await asyncio.gather(*watchers)} == {JobStatus.COMPLETED}


async def test_a_change_is_seen_though_the_listening_connection_died(desk, job: Job, notices: Notices) -> None:
    async with aclosing(desk.jobs.watch(desk.owner, job.job_id)) as states:
        await anext(states)
        pid = await _listener(desk.database)
        async with desk.database.reading() as connection:
            await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        await desk.progress.cancelled(job.job_id)
        assert (await anext(states)).status is JobStatus.CANCELLED


async def test_a_change_nobody_told_of_is_seen_though_others_keep_coming(desk, job: Job) -> None:
    deaf = Notices(desk.database, reread_s=0.01)
    reading = asyncio.create_task(deaf._deliver()), asyncio.create_task(deaf._remind())
    async with aclosing(deaf.watch(job)) as states:
        await anext(states)
        await desk.progress.cancelled(job.job_id)
        change = asyncio.ensure_future(anext(states))
        while not change.done():
            async with aclosing(deaf.watch(replace(job, job_id="job_other"))) as other:
                await anext(other)
            await asyncio.sleep(0)
        assert change.result().status is JobStatus.CANCELLED
    for task in reading:
        task.cancel()
    await asyncio.gather(*reading, return_exceptions=True)


async def test_watching_again_and_again_leaves_nothing_behind(desk, job: Job, notices: Notices) -> None:
    for _ in range(20):
        async with aclosing(desk.jobs.watch(desk.owner, job.job_id)) as states:
            await anext(states)
    assert not notices._watchers


async def test_who_waits_for_work_is_called_for_each_notice_and_when_some_were_lost(desk) -> None:
    called: asyncio.Queue[str] = asyncio.Queue()
    notices = Notices(desk.database, session="told of tests")
    notices.call("tests", called.put_nowait)
    await notices.start()
    assert not await called.get()
    async with desk.database.reading() as connection:
        await connection.execute(text("NOTIFY tests, 'jobs'"))
        assert await called.get() == "jobs"
        await connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'told of tests'")
        )
    assert not await called.get()
    await notices.close()


async def test_cancellations_are_heard_at_once(desk, job: Job, notices: Notices) -> None:
    await _listener(desk.database)
    async with aclosing(notices.cancellations()) as heard:
        next_one = asyncio.ensure_future(anext(heard))
        await asyncio.sleep(0)
        await desk.jobs.cancel(desk.owner, job.job_id)
        assert await next_one == job.job_id

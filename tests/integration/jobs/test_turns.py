"""Who is served next, by the real engine on the real database."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from clipzy_server.domain.ids import new_id
from clipzy_server.domain.job import Job, JobConfig, JobStatus

ADA, BOB, EVE = "own_ada", "own_bob", "own_eve"
MANY = 200

Wait = Callable[..., Awaitable[Job]]


@pytest.fixture
async def wait(shop) -> Wait:
    """`await wait(owner, priority)`: a job in the queue, of a video that need not exist to wait."""

    async def enqueue(owner_id: str, priority: int = 0) -> Job:
        now = datetime.now(UTC)
        config = JobConfig(priority=priority)
        job = Job(new_id("job"), owner_id, new_id("vid"), JobStatus.QUEUED, 0, None, now, now, config)
        async with shop.database.transaction() as connection:
            await shop.enqueue(connection, job)
        return job

    return enqueue


@pytest.fixture
async def line(shop) -> Callable[[], Awaitable[list[str]]]:
    """`await line()`: the waiting jobs in the order in which the engine serves them."""

    async def job_ids() -> list[str]:
        query = "SELECT workflow_uuid FROM dbos.workflow_status WHERE status = 'ENQUEUED' ORDER BY priority, created_at"
        async with shop.database.reading() as connection:
            return list((await connection.execute(text(query))).scalars())

    return job_ids


async def owners_of(shop, job_ids: list[str]) -> str:
    """The first letters of the owners' names, in the order of the jobs."""
    async with shop.database.reading() as connection:
        rows = await connection.execute(text("SELECT job_id, owner_id FROM clipzy.job"))
        owners = {row.job_id: row.owner_id for row in rows}
    return "".join(owners[job_id][4] for job_id in job_ids)


async def test_owners_take_turns_however_much_each_has_queued(shop, wait, line) -> None:
    for owner_id, count in ((ADA, 6), (BOB, 3), (EVE, 1)):
        for _ in range(count):
            await wait(owner_id)
    assert await owners_of(shop, await line()) == "abeababaaa"


async def test_jobs_of_one_owner_are_served_in_their_order(wait, line) -> None:
    assert [(await wait(ADA)).job_id for _ in range(5)] == await line()


async def test_priority_counts_among_the_jobs_of_one_owner_only(shop, wait, line) -> None:
    low = [await wait(ADA, -10) for _ in range(3)]
    bobs = [await wait(BOB, -10) for _ in range(2)]
    urgent = [await wait(ADA, 10) for _ in range(2)]
    middle = await wait(ADA, 0)
    served = await line()
    adas = [job_id for job_id in served if job_id not in {job.job_id for job in bobs}]
    assert adas == [job.job_id for job in (*urgent, middle, *low)]
    assert await owners_of(shop, served) in {"abab" + "aaaa", "baba" + "aaaa"}


async def test_a_cancelled_job_leaves_no_gap_in_its_owners_turns(shop, wait, line) -> None:
    adas = [await wait(ADA) for _ in range(10)]
    for job in adas[:9]:
        await shop.cancel(job)
    for _ in range(5):
        await wait(BOB)
    assert await owners_of(shop, await line()) == "abbbbb"


async def test_a_job_that_was_served_holds_no_turn_when_it_is_cancelled(shop, wait, line) -> None:
    served = await wait(ADA)
    waiting = [await wait(ADA) for _ in range(3)]
    await shop.progress.started(served.job_id)
    await shop.cancel(served)
    bobs = [await wait(BOB) for _ in range(3)]
    expected = [job.job_id for pair in zip(waiting, bobs, strict=True) for job in pair]
    assert [job_id for job_id in await line() if job_id != served.job_id] == expected


async def test_a_job_that_a_dead_worker_gave_back_does_not_turn_the_clock_back(shop, wait) -> None:
    old = await wait(ADA)
    await shop.progress.started(old.job_id)
    eves = await wait(EVE)
    async with shop.database.transaction() as connection:
        # As if a hundred turns had passed since Ada's job began.
        await connection.execute(text("UPDATE clipzy.job SET turn = 100 WHERE job_id = :id"), {"id": eves.job_id})
    bobs = await wait(BOB)
    async with shop.database.reading() as connection:
        query = text("SELECT turn FROM clipzy.job WHERE job_id = :id")
        assert (await connection.execute(query, {"id": bobs.job_id})).scalar_one() == 100


async def test_jobs_queued_at_once_hold_different_turns(shop, wait) -> None:
    await asyncio.gather(*(wait(ADA, priority % 3) for priority in range(12)))
    async with shop.database.reading() as connection:
        turns = (await connection.execute(text("SELECT priority FROM dbos.workflow_status"))).scalars().all()
        same = (await connection.execute(text("SELECT turn FROM clipzy.job"))).scalars().all()
    assert sorted(turns) == sorted(same) == list(range(1, 13))


async def test_one_job_does_not_wait_behind_all_of_anothers(shop, wait) -> None:
    hold = shop.folder / "hold-video_analysis"
    hold.touch()
    await shop.add_worker("one", MAX_CONCURRENT_JOBS="1")
    await shop.add_job(owner_id=ADA)
    await shop.until_running("video_analysis")
    for _ in range(MANY):
        await wait(ADA)
    bobs = await shop.add_job(owner_id=BOB)
    hold.unlink()
    assert (await shop.until_over(bobs)).status is JobStatus.COMPLETED
    began = (await shop.job(bobs)).started_at
    async with shop.database.reading() as connection:
        query = text("SELECT count(*) FROM clipzy.job WHERE owner_id = 'own_ada' AND started_at < :began")
        before = (await connection.execute(query, {"began": began})).scalar_one()
    # The one that was running already, and the one whose turn it was.
    assert before <= 2

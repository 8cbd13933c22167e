"""The janitor on the real engine and the real database."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import text

from clipzy_server.domain.job import JobStatus
from clipzy_server.jobs.janitor import _JANITOR_LOCK, Janitor
from clipzy_server.usecases.retention import Retention, RetentionPolicy


@pytest.fixture
def janitor(shop) -> Janitor:
    retention = Retention(shop.database, shop.blobs, shop.queue, RetentionPolicy(job_ttl_s=3600))
    return Janitor(shop.database, retention, interval_s=0.01)


async def rows(shop, query: str) -> list[object]:
    async with shop.database.reading() as connection:
        return list((await connection.execute(text(query))).scalars())


async def age(shop) -> None:
    async with shop.database.transaction() as connection:
        await connection.execute(text("UPDATE clipzy.job SET completed_at = completed_at - interval '2 hours'"))


async def test_an_expired_job_leaves_nothing_in_the_engine_and_on_the_disk(shop, janitor) -> None:
    await shop.add_worker("one")
    over = await shop.until_over(await shop.add_job())
    assert over.status is JobStatus.COMPLETED

    async def has_ended() -> bool:
        return await rows(shop, "SELECT status FROM dbos.workflow_status") == ["SUCCESS"]

    await shop.until(has_ended)
    assert await rows(shop, "SELECT workflow_uuid FROM dbos.operation_outputs")
    await age(shop)
    assert await janitor.clean()
    for table, column in (("workflow_status", "workflow_uuid"), ("operation_outputs", "workflow_uuid")):
        assert await rows(shop, f"SELECT {column} FROM dbos.{table} WHERE {column} = '{over.job_id}'") == []
    assert await shop.blobs.keys("jobs") == []
    assert await shop.blobs.keys(over.video_id)


async def test_a_running_job_is_not_harmed_by_cleaning(shop, janitor) -> None:
    hold = shop.folder / "hold-rendering"
    hold.touch()
    await shop.add_worker("one")
    job = await shop.add_job()
    await shop.until_running("rendering")
    await age(shop)
    for _ in range(3):
        assert await janitor.clean()
    hold.unlink()
    assert (await shop.until_over(job)).status is JobStatus.COMPLETED


async def test_workflows_without_a_job_are_removed(shop, janitor) -> None:
    job = await shop.add_job()
    kept = await shop.add_job()
    async with shop.database.transaction() as connection:
        await connection.execute(text("DELETE FROM clipzy.job WHERE job_id = :id"), {"id": job.job_id})
    assert await janitor.clean()
    assert await rows(shop, "SELECT workflow_uuid FROM dbos.workflow_status") == [kept.job_id]


async def test_of_several_janitors_one_cleans(shop, janitor) -> None:
    other = await asyncpg.connect(shop.database.urls.asyncpg)
    await other.execute("SELECT pg_advisory_lock($1)", _JANITOR_LOCK)
    assert not await janitor.clean()
    await other.close()
    await shop.until(janitor.clean)


async def test_a_janitor_goes_on_after_the_database_was_away(shop, janitor, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = iter([OSError("away"), ValueError("odd"), True])
    cleaned = asyncio.Event()

    async def clean() -> bool:
        outcome = next(outcomes, True)
        if isinstance(outcome, Exception):
            raise outcome
        cleaned.set()
        return True

    monkeypatch.setattr(janitor, "clean", clean)
    running = asyncio.create_task(janitor.run())
    async with asyncio.timeout(10):
        await cleaned.wait()
    running.cancel()
    await asyncio.wait({running})

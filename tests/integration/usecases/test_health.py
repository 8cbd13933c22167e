import asyncio
from pathlib import Path
from uuid import uuid4

import pytest

from clipzy_server.store import workers
from clipzy_server.store.blobs import Blobs
from clipzy_server.store.database import Database
from clipzy_server.usecases.health import Health, HealthRules, HealthStatus


@pytest.fixture
async def worker(database: Database) -> str:
    """The name of a worker that has just beaten."""
    await workers.beat(database, "worker-1", "1")
    return "worker-1"


async def test_all_is_well_when_everything_answers(database: Database, blobs: Blobs, worker: str) -> None:
    report = await Health(database, blobs, "1.2.3").check()
    assert (report.status, report.is_ready, report.version) == (HealthStatus.OK, True, "1.2.3")
    assert report.dependencies == {"database": "ok", "storage": "ok", "workers": "ok", "sandbox": "ok"}
    assert report.timestamp.tzinfo is not None


async def test_without_workers_requests_are_served_and_jobs_wait(database: Database, blobs: Blobs) -> None:
    report = await Health(database, blobs, "1").check()
    assert (report.status, report.is_ready) == (HealthStatus.DEGRADED, True)
    assert report.dependencies == {"database": "ok", "storage": "ok", "workers": "none", "sandbox": "ok"}


async def test_a_worker_that_is_silent_or_said_goodbye_is_none(database: Database, blobs: Blobs, worker: str) -> None:
    silent = await Health(database, blobs, "1", HealthRules(alive_within_s=0.0)).check()
    assert silent.dependencies["workers"] == "none"
    async with database.transaction() as connection:
        await workers.forget(connection, worker)
    assert (await Health(database, blobs, "1").check()).dependencies["workers"] == "none"


async def test_a_disk_below_its_reserve_is_full(database: Database, blobs: Blobs, worker: str) -> None:
    report = await Health(database, blobs, "1", HealthRules(free_disk_reserve_bytes=2**62)).check()
    assert (report.status, report.is_ready) == (HealthStatus.DEGRADED, True)
    assert report.dependencies == {"database": "ok", "storage": "full", "workers": "ok", "sandbox": "ok"}


async def test_without_its_database_it_is_not_ready(blobs: Blobs, tmp_path: Path) -> None:
    database = Database(f"postgresql://clipzy@/clipzy?host={tmp_path}")
    report = await Health(database, blobs, "1").check()
    assert (report.status, report.is_ready) == (HealthStatus.DEGRADED, False)
    assert report.dependencies == {"database": "unavailable", "storage": "ok", "workers": "none", "sandbox": "ok"}
    await database.close()


async def test_a_database_that_does_not_answer_is_not_waited_for(blobs: Blobs, short_folder: Path) -> None:
    folder = short_folder / uuid4().hex[:8]
    folder.mkdir(mode=0o700)
    called = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_unix_server(listen, folder / ".s.PGSQL.5432")
    database = Database(f"postgresql://clipzy@/clipzy?host={folder}")
    report = await Health(database, blobs, "1", HealthRules(timeout_s=0.2)).check()
    assert called.is_set()
    assert (report.dependencies["database"], report.is_ready) == ("unavailable", False)
    await database.close()
    server.close()
    await server.wait_closed()

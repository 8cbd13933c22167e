"""A database that is away for longer than a silent worker may be silent."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from clipzy_server.app.postgres import EmbeddedPostgres
from clipzy_server.domain.errors import Unavailable
from clipzy_server.domain.job import JobStatus, Stage
from clipzy_server.store.blobs import Blobs, BlobSettings
from clipzy_server.store.database import Database
from clipzy_server.store.migration import migrate_tables
from tests.integration.jobs.conftest import open_shop, until

STAGES = [stage.value for stage in Stage]
DEAD_S = "0.5"
MISSED_LOOKS = 20
"""A worker notes this often, once a beat of 0.1 s, that the database is away: four times as long as `DEAD_S`."""


@pytest.fixture
def cluster(short_folder: Path) -> Callable[[], EmbeddedPostgres]:
    root = short_folder / uuid4().hex[:8]
    (root / "run").mkdir(parents=True, mode=0o700)
    return lambda: EmbeddedPostgres(root / "data", root / "run", fsync=False)


async def test_jobs_outlive_an_outage_on_the_workers_they_have(cluster, tmp_path: Path) -> None:
    url = cluster().url
    database, blobs = Database(url), Blobs(BlobSettings(tmp_path / "storage"))
    hold = tmp_path / "hold-motion_analysis"
    hold.touch()

    async def both_work() -> bool:
        return shop.ran().count("motion_analysis") == 2

    async def both_have_missed_it() -> bool:
        logs = [(tmp_path / f"{name}.log").read_text() for name in ("one", "two")]
        return all(log.count("the database is away") >= MISSED_LOOKS for log in logs)

    async with AsyncExitStack() as stack:
        async with cluster():
            await migrate_tables(database)
            shop = await stack.enter_async_context(open_shop(database, url, tmp_path, blobs))
            for name in ("one", "two"):
                await shop.add_worker(name, CLIPZY_WORKER_DEAD_SECONDS=DEAD_S, MAX_CONCURRENT_JOBS="1")
            jobs = [await shop.add_job() for _ in range(2)]
            await until(both_work)
        with pytest.raises(Unavailable):
            await shop.job(jobs[0])
        # The stages end while nobody can be told.
        hold.unlink()
        await until(both_have_missed_it, polls=12_000)
        async with cluster():
            ended = [await shop.until_over(job) for job in jobs]
    await database.close()
    assert [(job.status, job.attempt) for job in ended] == [(JobStatus.COMPLETED, 1)] * 2
    assert sorted(shop.ran()) == sorted(2 * STAGES)

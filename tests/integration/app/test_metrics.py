import asyncio
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from clipzy_server.app.metrics import metrics_listener
from clipzy_server.app.parts import Store
from clipzy_server.domain.job import JobFailure, JobStatus, Stage
from clipzy_server.store import workers
from clipzy_server.store.database import Database
from clipzy_server.usecases.requests import NewJob
from tests.integration.conftest import Desk

LOOPBACK = "127.0.0.1:0"


@dataclass
class Scraped:
    """Samples by their name and the values of their labels, and all that was said."""

    values: dict[tuple[str, ...], float]
    text: str


@asynccontextmanager
async def listening(store: Store):
    async with metrics_listener(LOOPBACK, store, 15.0, CollectorRegistry()) as port, httpx.AsyncClient() as client:

        async def scrape() -> Scraped:
            answer = (await client.get(f"http://127.0.0.1:{port}/metrics")).raise_for_status().text
            families = text_string_to_metric_families(answer)
            samples = (sample for family in families for sample in family.samples)
            return Scraped({(s.name, *sorted(s.labels.values())): s.value for s in samples}, answer)

        yield scrape


@pytest.fixture
def store(desk: Desk) -> Store:
    return Store(desk.database, desk.blobs, desk.queue)


async def _job(desk: Desk, content: bytes):
    video = await desk.upload(content)
    return await desk.jobs.create(desk.owner, NewJob(video.video_id, webhook_url="https://example.com/told"))


async def test_an_installation_at_rest_tells_noughts(desk, store) -> None:
    async with listening(store) as scrape:
        told = (await scrape()).values
    assert told["clipzy_database_up",] == 1
    assert told["clipzy_disk_free_bytes",] > 0
    assert told["clipzy_jobs", "", "queued"] == told["clipzy_jobs", "processing", "rendering"] == 0
    assert {name for (name, *_), value in told.items() if value} == {"clipzy_database_up", "clipzy_disk_free_bytes"}


async def test_jobs_are_told_by_state_and_stage_and_no_name_leaks(desk, store) -> None:
    waiting, running, failing = [await _job(desk, content) for content in (b"one", b"two", b"three")]
    for job in (running, failing):
        await desk.progress.started(job.job_id)
        await desk.progress.advance(job.job_id, Stage.RENDERING, 50.0)
    await desk.progress.stage_finished(failing.job_id, Stage.VIDEO_ANALYSIS, 1.5)
    await desk.progress.failed(failing.job_id, JobFailure(None, "INTERNAL_ERROR", "It broke"))
    await workers.beat(desk.database, "worker-1", "1")
    async with desk.database.transaction() as connection:
        await connection.execute(text("UPDATE clipzy.job SET attempt = 3 WHERE job_id = :id"), {"id": running.job_id})
        await connection.execute(
            text("UPDATE clipzy.job SET created_at = created_at - interval '90 s' WHERE job_id = :id"),
            {"id": waiting.job_id},
        )
    async with listening(store) as scrape:
        scraped = await scrape()
    told = scraped.values
    assert told["clipzy_jobs", "", "queued"] == told["clipzy_jobs", "processing", "rendering"] == 1
    assert told["clipzy_jobs_ended", JobStatus.FAILED] == 1
    assert told["clipzy_job_recoveries",] == 2
    assert 90 <= told["clipzy_queue_oldest_seconds",] < 150
    assert told["clipzy_workers_alive",] == 1
    bins = [told["clipzy_stage_seconds_bucket", bound, "video_analysis"] for bound in ("1.0", "2.5", "+Inf")]
    assert bins == [0, 1, 1]
    assert told["clipzy_stage_seconds_gsum", "video_analysis"] == 1.5
    assert told["clipzy_webhooks_pending",] == 1
    assert not any(name in scraped.text for name in (waiting.job_id, desk.owner.owner_id, waiting.video_id))


async def test_late_and_lost_webhooks_are_told(desk, store) -> None:
    for content in (b"one", b"two"):
        job = await _job(desk, content)
        await desk.jobs.cancel(desk.owner, job.job_id)
    late = "UPDATE clipzy.webhook_delivery SET tries = 2, due_at = due_at - interval '60 s' WHERE job_id = :id"
    lost = "UPDATE clipzy.webhook_delivery SET state = 'failed' WHERE job_id <> :id"
    async with desk.database.transaction() as connection:
        for change in (late, lost):
            await connection.execute(text(change), {"id": job.job_id})
    async with listening(store) as scrape:
        told = (await scrape()).values
    assert [told[f"clipzy_webhooks_{kind}",] for kind in ("pending", "retrying", "failed")] == [1, 1, 1]
    assert 60 <= told["clipzy_webhook_lag_seconds",] < 120


async def test_a_database_that_is_away_is_told(blobs, tmp_path) -> None:
    away = Database(f"postgresql://clipzy@/clipzy?host={tmp_path}")
    async with listening(Store(away, blobs, None)) as scrape:
        told = (await scrape()).values
    await away.close()
    assert told["clipzy_database_up",] == 0
    assert set(told) == {("clipzy_database_up",), ("clipzy_disk_free_bytes",)}


async def test_nothing_listens_where_nothing_was_asked_for_or_the_port_is_taken(store, caplog) -> None:
    async with metrics_listener(None, store, 15.0) as port:
        assert port is None
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        async with metrics_listener(address, store, 15.0) as port:
            assert port is None
    assert f"nothing can listen on {address}" in caplog.text


async def test_scrapes_at_once_are_all_answered(desk, store) -> None:
    async with listening(store) as scrape:
        told = await asyncio.gather(*(scrape() for _ in range(8)))
    assert all(each.values["clipzy_database_up",] == 1 for each in told)

"""Everything that runs in a worker process, around the sandbox of its stages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from clipzy_server.app.boxes import stage_limits
from clipzy_server.app.parts import Store, open_store, staging_age_s
from clipzy_server.app.settings import Settings
from clipzy_server.app.tracing import tracing
from clipzy_server.domain.trace import Tracer
from clipzy_server.jobs.courier import Courier, CourierSettings
from clipzy_server.jobs.janitor import Janitor
from clipzy_server.jobs.outbound import CheckedNetwork, Resolver
from clipzy_server.jobs.post import Post
from clipzy_server.jobs.steps import StagePolicy, Steps
from clipzy_server.jobs.worker import Worker, WorkerSettings
from clipzy_server.media.sandbox import Sandbox
from clipzy_server.media.spare_memory import settle
from clipzy_server.rest.webhook_json import webhook_body
from clipzy_server.store.database import Database
from clipzy_server.store.deliveries import OUTBOX_CHANNEL
from clipzy_server.store.notices import Notices
from clipzy_server.store.workers import session_name
from clipzy_server.usecases.progress import JobProgress
from clipzy_server.usecases.retention import Retention, RetentionPolicy

LONGEST_CLEANING_INTERVAL_S = 600.0


async def run_jobs(settings: Settings, sandbox: Sandbox, stopped: asyncio.Event, policy: StagePolicy | None) -> None:
    """Run jobs until told to stop, then hand unfinished ones over."""
    policy = policy or _policy(settings)
    async with (
        open_store(settings) as store,
        tracing(settings.otlp_endpoint, "work") as tracer,
    ):
        worker_settings = _worker_settings(settings)
        notices = Notices(store.database, session=session_name(worker_settings.name))
        progress = JobProgress(store.database, store.blobs)
        steps = Steps(store.database, store.blobs, sandbox, progress, replace(policy, tracer=tracer))
        worker = Worker(store.database, notices, steps, progress, worker_settings)
        await worker.start()
        async with _deliveries(settings, store.database, notices, tracer), _cleaning(settings, store):
            await notices.start()
            settle()
            await stopped.wait()
        await worker.close()
        await notices.close()


@asynccontextmanager
async def _deliveries(settings: Settings, database: Database, notices: Notices, tracer: Tracer) -> AsyncIterator[None]:
    """Webhooks are delivered while the block runs; `notices`, started in it, tell of them."""
    resolver = Resolver()
    post = Post(CheckedNetwork(resolver, allow_private=settings.webhook_allow_private), tracer=tracer)
    courier = Courier(database, post, webhook_body, CourierSettings())
    notices.call(OUTBOX_CHANNEL, lambda _: courier.wake())
    courier.start()
    try:
        yield
    finally:
        await courier.close()
        resolver.close()


@asynccontextmanager
async def _cleaning(settings: Settings, store: Store) -> AsyncIterator[None]:
    """What is over and what is litter goes while the block runs."""
    policy = RetentionPolicy(job_ttl_s=settings.job_ttl_seconds, staging_age_s=staging_age_s(settings))
    retention = Retention(store.database, store.blobs, store.queue, policy)
    janitor = Janitor(store.database, retention, interval_s=_cleaning_interval_s(settings))
    task = asyncio.create_task(janitor.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


def _cleaning_interval_s(settings: Settings) -> float:
    """Often enough that a job outlives its time by a tenth at most, but once a second at most."""
    if not settings.job_ttl_seconds:
        return LONGEST_CLEANING_INTERVAL_S
    return min(LONGEST_CLEANING_INTERVAL_S, max(1.0, settings.job_ttl_seconds / 10))


def _policy(settings: Settings) -> StagePolicy:
    return StagePolicy(
        limits=stage_limits(settings),
        job_timeout_s=settings.processing_timeout_seconds,
        beat_tracker=settings.beat_tracker.value,
        blends_frames=settings.frame_blending,
        debug=settings.debug,
    )


def _worker_settings(settings: Settings) -> WorkerSettings:
    named = {"name": settings.worker_name} if settings.worker_name else {}
    return WorkerSettings(
        **named,
        concurrent_jobs=settings.concurrent_jobs,
        poll_s=settings.worker_poll_seconds,
        beat_s=settings.worker_beat_seconds,
        dead_after_s=settings.worker_dead_seconds,
        max_attempts=settings.worker_max_attempts,
    )

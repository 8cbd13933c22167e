"""A worker process: takes jobs from the queue until it is told to end."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import uuid4

from dbos import DBOS, DBOSConfig

from clipzy_server.domain.errors import Unavailable
from clipzy_server.jobs.engine_pace import COALESCE_S, Pace
from clipzy_server.jobs.reaper import Reaper
from clipzy_server.jobs.steps import Steps
from clipzy_server.jobs.workflow import register_workflow
from clipzy_server.store import workers
from clipzy_server.store.database import Database
from clipzy_server.store.leftovers import list_active
from clipzy_server.store.notices import Notices
from clipzy_server.store.queue import (
    APPLICATION_NAME,
    APPLICATION_VERSION,
    PARTS_QUEUE_NAME,
    QUEUE_CHANNEL,
    QUEUE_NAME,
)
from clipzy_server.usecases.progress import JobProgress

_MISSED_BEATS = 3
_LEAST_SILENCE_S = 1.0
"""A busy machine makes anybody so late."""

_log = logging.getLogger("clipzy.worker")


def _own_name() -> str:
    return f"{socket.gethostname()}-{uuid4().hex[:12]}"


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """`name` must be this process's alone; a supervisor that restarts it gives the same again, and it goes on at once.

    `poll_s` is how often the queues are asked though nobody told of work; `beat_s` how often the worker says that it
    lives; after `dead_after_s` of silence others take its jobs, after three missed beats when its connection has ended
    too; a job that lost its worker `max_attempts` times has failed.
    """

    name: str = field(default_factory=_own_name)
    concurrent_jobs: int = 1
    poll_s: float = 5.0
    beat_s: float = 0.5
    dead_after_s: float = 15.0
    max_attempts: int = 50


class Worker:
    """Runs jobs between `start` and `close`; `close` hands unfinished ones over."""

    def __init__(
        self, database: Database, notices: Notices, steps: Steps, progress: JobProgress, settings: WorkerSettings
    ) -> None:
        self._database = database
        self._notices = notices
        self._steps = steps
        self._settings = settings
        self._reaper = Reaper(
            database,
            progress,
            dead_after_s=settings.dead_after_s,
            lost_after_s=max(_LEAST_SILENCE_S, _MISSED_BEATS * settings.beat_s),
        )
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Join the others and take jobs, of which `notices`, started after this, tell. The engine adopts the loop."""
        await self._beat()
        self._tasks = [
            asyncio.create_task(self._repeat(self._beat)),
            asyncio.create_task(self._repeat(self._drop_unwanted)),
            asyncio.create_task(self._stop_cancelled()),
        ]
        engine = DBOS(config=self._engine_config())
        widths = dict.fromkeys((QUEUE_NAME, PARTS_QUEUE_NAME), self._settings.concurrent_jobs)
        pace = Pace(engine, widths, self._settings.poll_s)
        self._notices.call(QUEUE_CHANNEL, pace.ring)
        register_workflow(self._steps, self._settings.max_attempts)
        DBOS.launch()
        self._tasks.append(asyncio.create_task(self._reaper.run()))

    async def close(self) -> None:
        """Take no more jobs, kill the children, leave the jobs to others."""
        await self._steps.running.close()
        await asyncio.to_thread(DBOS.destroy)
        # The engine made its own pool the loop's default, and has just closed it.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(thread_name_prefix="clipzy"))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        async with self._database.transaction() as connection:
            await workers.forget(connection, self._settings.name)

    def _engine_config(self) -> DBOSConfig:
        return DBOSConfig(
            name=APPLICATION_NAME,
            system_database_url=self._database.urls.dbos,
            application_version=APPLICATION_VERSION,
            executor_id=self._settings.name,
            run_migrations=False,
            notification_coalesce_sec=COALESCE_S,
            log_level="WARNING",
        )

    async def _repeat(self, action: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await action()
            except Unavailable as error:
                _log.warning("the database is away: %s", error.detail)
            await asyncio.sleep(self._settings.beat_s)

    async def _beat(self) -> None:
        await workers.beat(self._database, self._settings.name, APPLICATION_VERSION)

    async def _drop_unwanted(self) -> None:
        """The row is the truth: a cancellation whose notice got lost is found here."""
        job_ids = frozenset(self._steps.running.job_ids)
        if not job_ids:
            return
        async with self._database.reading() as connection:
            active = await list_active(connection, job_ids)
        for job_id in job_ids - active:
            self._steps.running.stop(job_id)

    async def _stop_cancelled(self) -> None:
        async for job_id in self._notices.cancellations():
            self._steps.running.stop(job_id)

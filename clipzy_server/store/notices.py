"""Changes of jobs, and of what waits, as they happen: one LISTEN connection a process, fanned out inside it.

A NOTIFY only says that a job changed; the row is the truth. One task reads the changed rows, all in one query, and
gives each watcher the newest: a slow watcher misses states in between and holds nobody up. NOTIFY is not durable, so
rows being watched are read again every `reread_s` and after every reconnection.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable

import asyncpg
import structlog

from clipzy_server.domain.errors import Unavailable
from clipzy_server.domain.job import Job, JobStatus
from clipzy_server.store import jobs
from clipzy_server.store.database import Database
from clipzy_server.store.session import KEEPALIVES

_log = structlog.get_logger(__name__)
_RECONNECT_S = 0.5


class _Watcher:
    """Room for one job: the newest."""

    def __init__(self) -> None:
        self._job: Job | None = None
        self._changed = asyncio.Event()

    def give(self, job: Job) -> None:
        if self._job is None or job.updated_at > self._job.updated_at:
            self._job = job
            self._changed.set()

    async def next(self) -> Job:
        await self._changed.wait()
        self._changed.clear()
        assert self._job is not None  # noqa: S101 - give() sets both
        return self._job


class Notices:
    """Start with `start()`, end with `close()`; `watch` works in between.

    The connection lasts as long as the process and carries the name `session`: by it others see that somebody lives.
    """

    def __init__(self, database: Database, *, session: str = "clipzy", reread_s: float = 5.0) -> None:
        self._database = database
        self._settings = {"application_name": session, **KEEPALIVES}
        self._reread_s = reread_s
        self._watchers: defaultdict[str, set[_Watcher]] = defaultdict(set)
        self._ended: set[asyncio.Queue[str]] = set()
        self._actions: dict[str, Callable[[str], None]] = {}
        self._changed: set[str] = set()
        self._wake = asyncio.Event()
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    async def start(self) -> None:
        """Begin to listen."""
        self._tasks = tuple(map(asyncio.create_task, (self._listen(), self._deliver(), self._remind())))

    async def close(self) -> None:
        """Stop listening; watchers get nothing more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def watch(self, job: Job) -> AsyncGenerator[Job, None]:
        """The job as it is, then every newer state, newest wins; ends after a terminal one."""
        watcher = _Watcher()
        watcher.give(job)
        self._watchers[job.job_id].add(watcher)
        # The job may have changed between the caller's reading and now.
        self._mark(job.job_id)
        try:
            while True:
                newest = await watcher.next()
                yield newest
                if newest.status.is_terminal:
                    return
        finally:
            watchers = self._watchers[job.job_id]
            watchers.discard(watcher)
            if not watchers:
                del self._watchers[job.job_id]

    async def cancellations(self) -> AsyncGenerator[str, None]:
        """Ids of jobs as they are cancelled anywhere: a hint for speed, the row is the truth."""
        queue: asyncio.Queue[str] = asyncio.Queue()
        self._ended.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._ended.discard(queue)

    def call(self, channel: str, action: Callable[[str], None]) -> None:
        """Have `action` called with the text of notices on the channel, and with "" whenever some may have been lost.

        Before `start`.
        """
        self._actions[channel] = action

    def _mark(self, *job_ids: str) -> None:
        self._changed.update(job_ids)
        self._wake.set()

    def _heard(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        job_id, _, status = str(payload).partition(" ")
        if job_id in self._watchers:
            self._mark(job_id)
        if status == JobStatus.CANCELLED:
            for queue in self._ended:
                queue.put_nowait(job_id)

    def _told(self, _connection: object, _pid: int, channel: str, payload: object) -> None:
        self._actions[channel](str(payload))

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                _log.warning("listen_lost", error=type(error).__name__)
            await asyncio.sleep(_RECONNECT_S)

    async def _listen_once(self) -> None:
        connection = await asyncpg.connect(
            self._database.urls.asyncpg, timeout=self._reread_s, server_settings=self._settings
        )
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _connection: lost.set())
        try:
            await connection.add_listener(jobs.JOB_CHANNEL, self._heard)
            for channel in self._actions:
                await connection.add_listener(channel, self._told)
            self._mark(*self._watchers)
            for action in self._actions.values():
                action("")
            await lost.wait()
        finally:
            connection.terminate()

    async def _remind(self) -> None:
        while True:
            await asyncio.sleep(self._reread_s)
            self._mark(*self._watchers)

    async def _deliver(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            job_ids, self._changed = tuple(self._changed), set()
            if not job_ids:
                continue
            try:
                found = await jobs.find_jobs(self._database, job_ids)
            except Unavailable:
                # The regular reading again brings what was missed.
                _log.warning("watched_jobs_unread", jobs=len(job_ids))
                continue
            for job in found:
                for watcher in self._watchers.get(job.job_id, ()):
                    watcher.give(job)

"""Gives the jobs of dead workers to the living, and ends jobs that nobody will finish.

Every worker runs a reaper; the one that holds the advisory lock acts. A worker is dead when the leader has seen the
same heartbeat for so long, by its own running clock, over one connection and looking all the time: neither an outage of
the database, after which all heartbeats are old though everybody lives, nor a clock that jumps makes anybody dead.
"""

import asyncio
import logging
import time

import asyncpg
from dbos import DBOS

from clipzy_server.domain.errors import ErrorCode, Unavailable
from clipzy_server.domain.job import JobFailure
from clipzy_server.store.database import Database
from clipzy_server.store.leftovers import Holder, list_abandoned_jobs, list_holders
from clipzy_server.usecases.progress import JobProgress

_LEADER_LOCK = 0x636C7072
"""Whoever holds it reaps: "clpr"."""

_CONNECT_TIMEOUT_S = 5.0

_log = logging.getLogger("clipzy.reaper")


class Silence:
    """Who has been silent for `dead_after_s` seconds, as one leader sees it."""

    def __init__(self, dead_after_s: float) -> None:
        self._dead_after_s = dead_after_s
        self._looked_at_s: float | None = None
        self._seen: dict[Holder, float] = {}

    def dead(self, holders: tuple[Holder, ...], now_s: float) -> list[str]:
        """The workers taken for dead at this moment, a time of a clock that only runs."""
        if self._looked_at_s is not None and now_s - self._looked_at_s > self._dead_after_s / 2:
            self._seen = {}
        self._looked_at_s = now_s
        self._seen = {holder: self._seen.get(holder, now_s) for holder in holders}
        return [
            holder.executor_id
            for holder, since_s in self._seen.items()
            if holder.beat_at is None or now_s - since_s >= self._dead_after_s
        ]


class Reaper:
    """`dead_after_s`: the silence, in seconds, after which a worker counts as dead."""

    def __init__(self, database: Database, progress: JobProgress, *, dead_after_s: float, interval_s: float) -> None:
        self._database = database
        self._progress = progress
        self._dead_after_s = dead_after_s
        self._interval_s = interval_s

    async def run(self) -> None:
        """Try to lead, and lead, until cancelled."""
        while True:
            try:
                await self._lead()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, Unavailable) as error:
                _log.warning("the reaper lost the database: %s", type(error).__name__)
            await asyncio.sleep(self._interval_s)

    async def _lead(self) -> None:
        connection = await asyncpg.connect(self._database.urls.asyncpg, timeout=_CONNECT_TIMEOUT_S)
        silence = Silence(self._dead_after_s)
        try:
            leads = False
            while True:
                # Asking on this very connection also proves that it, and so the lock, is still there.
                leads = leads or await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LEADER_LOCK)
                if leads:
                    await connection.fetchval("SELECT 1")
                    await self._reap(silence)
                await asyncio.sleep(self._interval_s)
        finally:
            connection.terminate()

    async def _reap(self, silence: Silence) -> None:
        async with self._database.reading() as connection:
            holders = await list_holders(connection)
            abandoned = await list_abandoned_jobs(connection, self._dead_after_s)
        dead = silence.dead(holders, time.monotonic())
        if dead:
            _log.warning("taking over the jobs of %s", ", ".join(dead))
            # The engine has no public call that is guarded by the executor; the version is pinned for this one.
            await asyncio.to_thread(DBOS._recover_pending_workflows, dead)  # noqa: SLF001
        for job in abandoned:
            message = "The job's worker was lost, again and again."
            await self._progress.failed(job.job_id, JobFailure(job.stage, ErrorCode.WORKER_LOST, message))

"""Gives the jobs of dead workers to the living, and ends jobs that nobody will finish.

Every worker runs a reaper, and none of them leads: a leader that is cut off would hold its lock until the database
notices, which may take hours, while what is done twice here does nothing. A worker is dead when its heartbeat has not
changed for so long by the looker's own running clock, looking all the time: neither an outage of the database, after
which all heartbeats are old though everybody lives, nor a clock that jumps makes anybody dead. A worker whose
connection has ended too, as that of every killed process does, is dead after a few missed beats.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from dbos import DBOS

from clipzy_server.domain.errors import ErrorCode, Unavailable
from clipzy_server.domain.job import JobFailure
from clipzy_server.store.database import Database
from clipzy_server.store.leftovers import Holder, adopt, list_abandoned_jobs, list_holders, list_other_versions
from clipzy_server.usecases.progress import JobProgress

_LOOKS = 5
"""Within the time after which a silent worker is dead."""

_LOOKS_AT_LOST = 4
"""Within the time after which a silent worker without a connection is dead."""

_log = logging.getLogger("clipzy.reaper")


class Silence:
    """Who has been silent for `dead_after_s` seconds, as one reaper sees it."""

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
    """The silence, in seconds, after which a worker counts as dead: `dead_after_s`, and `lost_after_s` unconnected."""

    def __init__(self, database: Database, progress: JobProgress, *, dead_after_s: float, lost_after_s: float) -> None:
        self._database = database
        self._progress = progress
        self._dead_after_s = dead_after_s
        self._lost_after_s = lost_after_s
        self._silent, self._lost = Silence(dead_after_s), Silence(lost_after_s)
        self._versions = Silence(dead_after_s)

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        await asyncio.gather(
            self._repeat(self._take_over, self._lost_after_s / _LOOKS_AT_LOST),
            self._repeat(self._give_up, self._dead_after_s / _LOOKS),
            self._repeat(self._adopt, self._dead_after_s / _LOOKS),
        )

    async def _repeat(self, action: Callable[[], Awaitable[None]], every_s: float) -> None:
        while True:
            try:
                await action()
            except Unavailable as error:
                _log.warning("the reaper lost the database: %s", error.detail)
            except Exception:  # noqa: BLE001 - whatever one round met, the next one may not
                _log.exception("reaping was cut short")
            await asyncio.sleep(every_s)

    async def _take_over(self) -> None:
        holders = await list_holders(self._database)
        now_s = time.monotonic()
        lost = self._lost.dead(tuple(holder for holder in holders if not holder.is_connected), now_s)
        if dead := sorted({*lost, *self._silent.dead(holders, now_s)}):
            _log.warning("taking over the jobs of %s", ", ".join(dead))
            # The engine has no public call that is guarded by the executor; the version is pinned for this one.
            await asyncio.to_thread(DBOS._recover_pending_workflows, dead)  # noqa: SLF001

    async def _give_up(self) -> None:
        abandoned = await list_abandoned_jobs(self._database, self._dead_after_s)
        for job in abandoned:
            message = "The job's worker was lost, again and again."
            await self._progress.failed(job.job_id, JobFailure(job.stage, ErrorCode.WORKER_LOST, message))

    async def _adopt(self) -> None:
        """Rolling restarts drain: a version's jobs are left to its workers as long as one of them lives."""
        others = await list_other_versions(self._database)
        for version in self._versions.dead(others, time.monotonic()):
            async with self._database.transaction() as connection:
                count = await adopt(connection, version)
            _log.warning("version %s has no worker any more, beginning its %d jobs anew", version, count)

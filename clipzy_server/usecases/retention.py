"""What is kept for how long: ended jobs with all they made, resumable uploads, idempotency keys, and litter."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from clipzy_server.store import litter
from clipzy_server.store.blobs import Blobs
from clipzy_server.store.database import Database
from clipzy_server.usecases.tidying import Tidying

_BATCH = 100
_JOBS, _UPLOADS, _VIDEO_PREFIX = "jobs", "uploads", "vid_"


class Engine(Protocol):
    """What is needed of `store.queue.JobQueue`."""

    async def forget(self, job_ids: tuple[str, ...]) -> None:
        """Delete everything that is kept of these jobs' workflows."""
        ...


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """Seconds that things are kept; `job_ttl_s` counts from a job's end, 0 keeps it for ever.

    Bytes of no video are taken for litter after `litter_age_s` only: the row of an upload comes just after its bytes.
    What an earlier version staged belongs to a process that has died when nothing was added for `staging_age_s`.
    """

    job_ttl_s: float = 604_800.0
    idempotency_ttl_s: float = 24 * 3600.0
    litter_age_s: float = 3600.0
    staging_age_s: float = 24 * 3600.0


class Retention:
    """Every call may be made by several processes at once, and cut short anywhere: the next one goes on."""

    def __init__(self, database: Database, blobs: Blobs, engine: Engine, policy: RetentionPolicy) -> None:
        self._database = database
        self._blobs = blobs
        self._engine = engine
        self._policy = policy
        self._tidying = Tidying(database, blobs)

    async def expire(self) -> int:
        """Forget jobs, resumable uploads and idempotency keys whose time is over; gives how many jobs went."""
        async with self._database.transaction() as connection:
            await litter.expire_keys(connection, self._policy.idempotency_ttl_s)
            upload_ids = await litter.expire_uploads(connection)
        for upload_id in upload_ids:
            await self._blobs.delete_prefix(f"{_UPLOADS}/{upload_id}")
        gone = 0
        while job_ids := await self._expire_some():
            for job_id in job_ids:
                await self._blobs.delete_prefix(f"{_JOBS}/{job_id}")
            await self._engine.forget(job_ids)
            gone += len(job_ids)
        return gone

    async def sweep(self) -> int:
        """Remove what crashed processes left in this machine's staging area; gives how many they were."""
        return await self._blobs.sweep(self._policy.staging_age_s)

    async def tidy(self) -> int:
        """Remove what ended jobs left beside what they published, some of them; gives how many jobs these were."""
        return await self._tidying.tidy_some()

    async def collect(self) -> int:
        """Remove bytes and workflows that no row knows of; gives how many things they had belonged to."""
        gone = 0
        while lost := await self._lost_workflows():
            await self._engine.forget(lost)
            gone += len(lost)
        for job_id in await self._lost_jobs():
            await self._blobs.delete_prefix(f"{_JOBS}/{job_id}")
            gone += 1
        for upload_id in await self._lost_uploads():
            await self._blobs.delete_prefix(f"{_UPLOADS}/{upload_id}")
            gone += 1
        for folder in await self._lost_videos():
            gone += await self._remove_video(folder)
        return gone

    async def _expire_some(self) -> tuple[str, ...]:
        if not self._policy.job_ttl_s:
            return ()
        async with self._database.transaction() as connection:
            return await litter.expire_jobs(connection, self._policy.job_ttl_s, _BATCH)

    async def _lost_workflows(self) -> tuple[str, ...]:
        async with self._database.reading() as connection:
            return await litter.list_lost_workflows(connection, _BATCH)

    async def _lost_jobs(self) -> tuple[str, ...]:
        # A job's row is there before its first byte: what has none now will never have one.
        names = await self._blobs.folders(_JOBS)
        async with self._database.reading() as connection:
            return await litter.without_job(connection, names)

    async def _lost_uploads(self) -> tuple[str, ...]:
        # As with jobs: the row is there before the first piece.
        names = await self._blobs.folders(_UPLOADS)
        async with self._database.reading() as connection:
            return await litter.without_upload(connection, names)

    async def _lost_videos(self) -> tuple[str, ...]:
        names = [name for name in await self._blobs.folders() if name.startswith(_VIDEO_PREFIX)]
        async with self._database.reading() as connection:
            return await litter.without_video(connection, names)

    async def _remove_video(self, folder: str) -> bool:
        published = await self._blobs.published(folder)
        before = datetime.now(UTC) - timedelta(seconds=self._policy.litter_age_s)
        if not published or max(published.values()) > before:
            return False
        # Asked after the listing: bytes that are so old have their row by now, or never get one.
        async with self._database.reading() as connection:
            if await litter.is_content(connection, list(published)):
                return False
        await self._blobs.delete_prefix(folder)
        return True

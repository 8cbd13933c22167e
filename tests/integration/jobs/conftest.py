import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain.ids import new_id
from clipzy_server.domain.job import Job, JobConfig, JobStatus
from clipzy_server.domain.video import Video, VideoMetadata
from clipzy_server.store.blobs import Blobs, BlobSettings
from clipzy_server.store.database import Database
from clipzy_server.store.jobs import change_job, ended, find_jobs, find_result, insert_job
from clipzy_server.store.queue import JobQueue, migrate_queue
from clipzy_server.store.videos import insert_video
from clipzy_server.usecases.progress import JobProgress

METADATA = VideoMetadata(64, 36, 4.0, 30.0, "h264", 500, "mp4", True, "aac", False, False, 0)
OWNER = "own_test"


@dataclass
class Shop:
    """A database, blobs, a queue and worker processes of one test."""

    database: Database
    blobs: Blobs
    queue: JobQueue
    folder: Path
    url: str
    workers: list[asyncio.subprocess.Process] = field(default_factory=list)
    storage: dict[str, str] = field(default_factory=dict)

    async def add_worker(self, name: str, prefix: Sequence[str] = (), **environment: str) -> asyncio.subprocess.Process:
        here = Path(__file__).parent
        log = (self.folder / f"{name}.log").open("ab")
        process = await asyncio.create_subprocess_exec(
            *prefix,
            sys.executable,
            str(here / "job_worker.py"),
            stdout=log,
            stderr=log,
            env={
                **os.environ,
                "PYTHONPATH": str(here),
                "CLIPZY_DATABASE_URL": self.url,
                "CLIPZY_DATA_DIR": str(self.folder),
                "CLIPZY_WORKER_NAME": name,
                "CLIPZY_WORKER_BEAT_SECONDS": "0.1",
                "CLIPZY_WORKER_DEAD_SECONDS": "1",
                # Nothing may depend on an ask by chance.
                "CLIPZY_WORKER_POLL_SECONDS": "3600",
                "CLIPZY_TEST_FOLDER": str(self.folder),
                # The tests' stages note in that folder what they do.
                "CLIPZY_SANDBOX": "off",
                **self.storage,
                **environment,
            },
        )
        log.close()
        self.workers.append(process)
        return process

    async def add_video(self, content: bytes, owner_id: str = OWNER) -> Video:
        video_id = new_id("vid")
        key = f"{video_id}/clip.mp4"
        path = self.blobs.staged_path()
        path.write_bytes(content)
        await self.blobs.put_file(key, path)
        now = datetime.now(UTC)
        video = Video(video_id, owner_id, "clip.mp4", len(content), METADATA, now, self.blobs.url(key), "0" * 64, key)
        async with self.database.transaction() as connection:
            await insert_video(connection, video)
        return video

    async def add_job(
        self, config: JobConfig | None = None, template: Video | None = None, owner_id: str = OWNER
    ) -> Job:
        video = await self.add_video(b"footage", owner_id)
        job = new_job(video.video_id, owner_id, config or JobConfig(), template)
        async with self.database.transaction() as connection:
            await self.enqueue(connection, job)
        return job

    async def enqueue(self, connection: AsyncConnection, job: Job) -> None:
        assert await insert_job(connection, job)
        await self.queue.enqueue(connection, job)

    async def cancel(self, job: Job) -> None:
        async with self.database.transaction() as connection:
            active = (JobStatus.QUEUED, JobStatus.PROCESSING)
            await self.queue.withdraw(connection, job)
            assert await change_job(connection, job.job_id, active, ended(JobStatus.CANCELLED))
        await self.queue.cancel(job.job_id)

    async def job(self, job: Job) -> Job:
        return (await find_jobs(self.database, (job.job_id,)))[0]

    async def result(self, job: Job) -> object:
        return await find_result(self.database, OWNER, job.job_id)

    @property
    def progress(self) -> JobProgress:
        return JobProgress(self.database, self.blobs)

    async def until(self, condition: Callable[[], Awaitable[bool]], polls: int = 3000) -> None:
        await until(condition, polls)

    async def until_over(self, job: Job) -> Job:
        async def over() -> bool:
            return (await self.job(job)).status.is_terminal

        await until(over)
        return await self.job(job)

    def ran(self) -> list[str]:
        """The stages as they began, but the picture before the sound, which begins beside it."""
        notes = self.folder / "ran"
        text = "\n".join(line.split()[0] for line in notes.read_text().splitlines()) if notes.exists() else ""
        return text.replace("audio_analysis\nvideo_analysis", "video_analysis\naudio_analysis").split()

    def pid_of(self, stage: str) -> int:
        lines = [line.split() for line in (self.folder / "ran").read_text().splitlines()]
        return int(next(pid for name, pid in reversed(lines) if name == stage))

    async def until_running(self, stage: str) -> None:
        async def runs() -> bool:
            return stage in self.ran()

        await until(runs)


def new_job(video_id: str, owner_id: str, config: JobConfig, template: Video | None = None) -> Job:
    now = datetime.now(UTC)
    return Job(
        new_id("job"), owner_id, video_id, JobStatus.QUEUED, 0, None, now, now, config,
        template_video_id=template.video_id if template else None,
    )  # fmt: skip


async def until(condition: Callable[[], Awaitable[bool]], polls: int = 3000) -> None:
    for _ in range(polls):
        if await condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("the condition did not come true")


@pytest.fixture
async def shop(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Shop]:
    """Everything on one machine."""
    blobs = Blobs(BlobSettings(folder=tmp_path / "storage"))
    async with open_shop(database, database_url, tmp_path, blobs) as shop:
        yield shop


@asynccontextmanager
async def open_shop(database: Database, database_url: str, folder: Path, blobs: Blobs) -> AsyncIterator[Shop]:
    """A shop whose workers are killed at its end."""
    await asyncio.to_thread(migrate_queue, database_url)
    queue = JobQueue(database_url)
    shop = Shop(database, blobs, queue, folder, database_url)
    yield shop
    for worker in shop.workers:
        if worker.returncode is None:
            worker.kill()
            await worker.wait()
    await queue.close()

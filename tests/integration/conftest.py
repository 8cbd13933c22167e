"""What tests with a real database share: the use cases on real parts; only probes and the queue are stand-ins."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain import codec
from clipzy_server.domain.job import Job
from clipzy_server.domain.owner import Owner
from clipzy_server.domain.video import Video, VideoMetadata
from clipzy_server.store.blobs import Blobs
from clipzy_server.store.database import Database
from clipzy_server.store.notices import Notices
from clipzy_server.usecases.jobs import Jobs
from clipzy_server.usecases.owners import Owners
from clipzy_server.usecases.progress import JobProgress
from clipzy_server.usecases.quotas import Usages
from clipzy_server.usecases.rates import RequestRates
from clipzy_server.usecases.requests import Limits, UploadRequest
from clipzy_server.usecases.resumable import ResumableUploads
from clipzy_server.usecases.styles import Styles
from clipzy_server.usecases.tokens import Tokens
from clipzy_server.usecases.videos import Videos
from clipzy_server.usecases.webhooks import Webhooks

METADATA = VideoMetadata(
    width=64,
    height=36,
    duration_seconds=4.0,
    frame_rate=30.0,
    codec="h264",
    bitrate_kbps=500,
    format="mp4",
    has_audio=False,
    audio_codec=None,
    is_variable_frame_rate=False,
    is_hdr=False,
    rotation_degrees=0,
)


class StillProbe:
    """Answers every probe with METADATA, or raises `error`."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.paths: list[str] = []

    async def run(self, function: str, payload: dict[str, Any]) -> dict[str, Any]:
        assert function == "clipzy_server.media.probe:probe_task"
        self.paths.append(payload["path"])
        if self.error is not None:
            raise self.error
        plain: dict[str, Any] = codec.to_plain(METADATA)
        return plain


@dataclass
class RecordingQueue:
    """Remembers what was queued and cancelled; `error` makes the next enqueue fail."""

    queued: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    error: Exception | None = None

    async def enqueue(self, connection: AsyncConnection, job: Job) -> None:
        if self.error is not None:
            raise self.error
        assert connection.in_transaction()
        self.queued.append(job.job_id)

    async def withdraw(self, connection: AsyncConnection, job: Job) -> None:
        assert connection.in_transaction()

    async def cancel(self, job_id: str) -> None:
        self.cancelled.append(job_id)


@dataclass
class Desk:
    """Every use case, on one database."""

    database: Database
    blobs: Blobs
    probe: StillProbe
    queue: RecordingQueue
    notices: Notices
    limits: Limits
    owner: Owner
    stranger: Owner

    @property
    def videos(self) -> Videos:
        return Videos(self.database, self.blobs, self.probe, self.limits)

    @property
    def uploads(self) -> ResumableUploads:
        return ResumableUploads(self.database, self.blobs, self.probe, self.limits)

    @property
    def jobs(self) -> Jobs:
        return Jobs(self.database, self.blobs, self.queue, self.notices, self.limits)

    @property
    def styles(self) -> Styles:
        return Styles(self.database, self.limits)

    @property
    def webhooks(self) -> Webhooks:
        return Webhooks(self.database)

    @property
    def usages(self) -> Usages:
        return Usages(self.database, RequestRates(), self.limits)

    @property
    def progress(self) -> JobProgress:
        return JobProgress(self.database, self.blobs)

    async def upload(self, content: bytes, **header: Any) -> Video:
        sink = await self.videos.begin(self.owner, UploadRequest(**{"filename": "clip.mp4", **header}))
        await sink.write(content)
        return await sink.finish()


@pytest.fixture
async def notices(database: Database) -> AsyncIterator[Notices]:
    listening = Notices(database)
    await listening.start()
    yield listening
    await listening.close()


@pytest.fixture
async def desk(database: Database, blobs: Blobs, notices: Notices) -> Desk:
    owners, tokens = Owners(database), Tokens(database)
    mine, other = await asyncio.gather(tokens.create("me"), tokens.create("stranger"))
    return Desk(
        database,
        blobs,
        StillProbe(),
        RecordingQueue(),
        notices,
        Limits(free_disk_reserve_bytes=0),
        (await owners.authenticate(mine)).owner,
        (await owners.authenticate(other)).owner,
    )

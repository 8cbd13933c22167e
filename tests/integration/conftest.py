"""What tests with a real database share: the use cases on real parts; only probes and the queue are stand-ins."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto.server import ThreadedMotoServer
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain import codec
from clipzy_server.domain.job import Job
from clipzy_server.domain.owner import Owner
from clipzy_server.domain.video import Video, VideoMetadata
from clipzy_server.media.confinement import View
from clipzy_server.store.blobs import Blobs, BlobSettings
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

    async def run(self, function: str, payload: dict[str, Any], *, view: View) -> dict[str, Any]:
        assert function == "clipzy_server.media.probe:probe_task"
        assert view == View(reads=(payload["path"],))
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


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """Where S3 is, as moto's server speaks it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["local", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Blobs]:
    """Both kinds of storage: each call gives the blobs of one more server on the same bytes."""
    if request.param == "local":
        return lambda: Blobs(BlobSettings(folder=tmp_path / "storage"))
    address, bucket = request.getfixturevalue("s3_address"), f"clipzy-{uuid4().hex}"
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    boto3.client("s3", endpoint_url=address, region_name="us-east-1", **keys).create_bucket(Bucket=bucket)
    folders = (tmp_path / name for name in ("storage", "storage-2"))
    return lambda: Blobs(BlobSettings(next(folders), bucket, "some/prefix", "us-east-1", address, "test", "test", 60))

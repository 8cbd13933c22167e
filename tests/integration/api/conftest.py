"""A real gRPC server on a unix socket with the real servicers, upload spool and blobs; rows are kept in memory."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace

import grpc.aio
import pytest

from clipzy.v1 import health_service_pb2_grpc, job_service_pb2_grpc, style_service_pb2_grpc, video_service_pb2_grpc
from clipzy_server.api.services import api_services
from clipzy_server.domain.errors import Conflict, ErrorCode, NotFound, Unauthorized
from clipzy_server.domain.ids import new_id
from clipzy_server.domain.job import Artifact, Job, JobResult, JobStatus
from clipzy_server.domain.owner import Owner
from clipzy_server.domain.page import Page, PageRequest
from clipzy_server.domain.style import AspectRatio, AudioStyle, ColorGrade, SavedStyle, StyleDna, Transition
from clipzy_server.domain.video import Video, VideoMetadata
from clipzy_server.store.blobs import Blobs, BlobSettings
from clipzy_server.transport.identity import Identity
from clipzy_server.transport.server import build_server
from clipzy_server.usecases.files import StoredFile, stored_file
from clipzy_server.usecases.health import HealthReport, HealthStatus
from clipzy_server.usecases.requests import Estimate, Limits, NewJob, UploadRequest
from clipzy_server.usecases.styles import difference, style_not_found
from clipzy_server.usecases.uploads import Spool, UploadSink
from clipzy_server.usecases.videos import video_not_found

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
ADA, BOB = Owner("own_ada", "ada"), Owner("own_bob", "bob")
METADATA = VideoMetadata(640, 360, 3.0, 24.0, "h264", 900, "mp4", True, "aac", False, False, 0)
MAX_FILE_BYTES = 3_000_000


class Tokens:
    """`ada` and `bob` are their own tokens."""

    async def authenticate(self, token: str) -> Owner:
        for owner in (ADA, BOB):
            if owner.name == token:
                return owner
        raise Unauthorized

    async def anonymous(self) -> Owner:
        raise AssertionError("authentication is on")


def page_of(items, page: PageRequest):
    first = (page.page - 1) * page.page_size
    return Page(tuple(items[first : first + page.page_size]), len(items), page.page, page.page_size)


class WatchedSink(UploadSink):
    """The real sink; `ended` is set once it was finished or aborted."""

    ended: asyncio.Event

    async def abort(self) -> None:
        await super().abort()
        self.ended.set()


@dataclass
class KeptVideos:
    blobs: Blobs
    videos: dict[str, Video] = field(default_factory=dict)
    requests: list[tuple[UploadRequest, str | None]] = field(default_factory=list)
    sinks: "asyncio.Queue[WatchedSink]" = field(default_factory=asyncio.Queue)

    async def begin(self, owner: Owner, request: UploadRequest, idempotency_key: str | None = None) -> UploadSink:
        self.requests.append((request, idempotency_key))
        if request.template_video_id is not None:
            await self.get(owner, request.template_video_id)

        async def finish(request: UploadRequest, spool: Spool, sha256: str) -> Video:
            video = Video(
                new_id("vid"),
                owner.owner_id,
                request.filename,
                spool.size_bytes,
                METADATA,
                NOON,
                "file:///x",
                sha256,
                "x",
            )
            self.videos[video.video_id] = video
            return video

        async def check(request: UploadRequest) -> None:
            raise AssertionError("a gRPC header comes before the file")

        limits = Limits(max_file_bytes=MAX_FILE_BYTES, free_disk_reserve_bytes=0)
        sink = WatchedSink(request, Spool(self.blobs, limits), check, finish)
        sink.ended = asyncio.Event()
        self.sinks.put_nowait(sink)
        return sink

    async def get(self, owner: Owner, video_id: str) -> Video:
        video = self.videos.get(video_id)
        if video is None or video.owner_id != owner.owner_id:
            raise video_not_found(video_id)
        return video

    async def list(self, owner: Owner, page: PageRequest) -> Page[Video]:
        return page_of([video for video in self.videos.values() if video.owner_id == owner.owner_id], page)

    async def delete(self, owner: Owner, video_id: str) -> None:
        await self.get(owner, video_id)
        del self.videos[video_id]


@dataclass
class KeptJobs:
    blobs: Blobs
    jobs: dict[str, Job] = field(default_factory=dict)
    asked: list[tuple[NewJob, str | None]] = field(default_factory=list)
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    changes: "asyncio.Queue[Job]" = field(default_factory=asyncio.Queue)
    unwatched: asyncio.Event = field(default_factory=asyncio.Event)

    async def create(self, owner: Owner, asked: NewJob, idempotency_key: str | None = None) -> Job:
        self.asked.append((asked, idempotency_key))
        job = Job(new_id("job"), owner.owner_id, asked.video_id, JobStatus.QUEUED, 0, None, NOON, NOON, asked.config)
        self.jobs[job.job_id] = job
        return job

    async def estimate(self, owner: Owner, asked: NewJob) -> Estimate:
        return Estimate(True, 12.5, ("a warning",))

    async def get(self, owner: Owner, job_id: str) -> Job:
        job = self.jobs.get(job_id)
        if job is None or job.owner_id != owner.owner_id:
            raise NotFound(ErrorCode.JOB_NOT_FOUND, "Job not found", f"There is no job {job_id}.")
        return job

    async def list(self, owner: Owner, page: PageRequest, status: JobStatus | None = None) -> Page[Job]:
        mine = [job for job in self.jobs.values() if job.owner_id == owner.owner_id]
        return page_of([job for job in mine if status in (None, job.status)], page)

    async def result(self, owner: Owner, job_id: str) -> JobResult:
        job = await self.get(owner, job_id)
        if not job.status.is_terminal:
            raise Conflict(ErrorCode.RESULT_NOT_READY, "Result not ready", f"{job_id} is {job.status}.")
        return JobResult(job, style=STYLE, artifacts=tuple(self.artifacts.values()))

    async def cancel(self, owner: Owner, job_id: str) -> Job:
        self.jobs[job_id] = replace(await self.get(owner, job_id), status=JobStatus.CANCELLED)
        return self.jobs[job_id]

    async def retry(self, owner: Owner, job_id: str, idempotency_key: str | None = None) -> Job:
        old = await self.get(owner, job_id)
        return await self.create(owner, NewJob(old.video_id, config=old.config), idempotency_key)

    async def watch(self, owner: Owner, job_id: str) -> AsyncGenerator[Job, None]:
        job = await self.get(owner, job_id)
        try:
            yield job
            while not job.status.is_terminal:
                job = await self.changes.get()
                yield job
        finally:
            self.unwatched.set()

    async def output(self, owner: Owner, job_id: str) -> StoredFile:
        return await self.artifact(owner, job_id, "output.mp4")

    async def artifact(self, owner: Owner, job_id: str, name: str) -> StoredFile:
        await self.get(owner, job_id)
        if name not in self.artifacts:
            raise NotFound(ErrorCode.ARTIFACT_NOT_FOUND, "Artifact not found", f"{job_id} has no {name}.")
        return stored_file(self.blobs, self.artifacts[name])


@dataclass
class KeptStyles:
    styles: dict[str, SavedStyle] = field(default_factory=dict)
    asked: list[tuple[str | None, str | None]] = field(default_factory=list)

    async def save(self, owner, name, *, style=None, job_id=None, idempotency_key=None) -> SavedStyle:
        self.asked.append((job_id, idempotency_key))
        saved = SavedStyle(new_id("sty"), name, style or STYLE, NOON)
        self.styles[saved.style_id] = saved
        return saved

    async def get(self, owner: Owner, style_id: str) -> SavedStyle:
        if style_id not in self.styles:
            raise style_not_found(style_id)
        return self.styles[style_id]

    async def list(self, owner: Owner, page: PageRequest) -> Page[SavedStyle]:
        return page_of(list(self.styles.values()), page)

    async def delete(self, owner: Owner, style_id: str) -> None:
        await self.get(owner, style_id)
        del self.styles[style_id]

    async def diff(self, owner: Owner, style_id: str, other_id: str):
        return difference((await self.get(owner, style_id)).style, (await self.get(owner, other_id)).style)


@dataclass
class KeptHealth:
    report: HealthReport = HealthReport(HealthStatus.OK, "1.2.3", NOON, {"database": "ok"}, True)

    async def check(self) -> HealthReport:
        return self.report


STYLE = StyleDna(
    color_grade=ColorGrade(temperature=12.5),
    aspect_ratio=AspectRatio.TALL,
    frame_rate=24,
    audio_style=AudioStyle(),
    cut_frequency=7.5,
    motion_intensity=41.0,
    zoom_usage=3.0,
    primary_transition=Transition(),
    created_at=NOON,
    source_duration_seconds=3.25,
    extraction_confidence=0.71,
)


@pytest.fixture
async def clipzy(tmp_path):
    """Stubs of all services, the metadata of two owners, and what the server keeps."""
    blobs = Blobs(BlobSettings(tmp_path / "storage"))
    videos, jobs, styles, health = KeptVideos(blobs), KeptJobs(blobs), KeptStyles(), KeptHealth()
    address = f"unix:{tmp_path}/grpc.sock"
    server = build_server(address, api_services(health, videos, jobs, styles), Identity(Tokens()))
    await server.start()
    async with grpc.aio.insecure_channel(address) as channel:
        yield SimpleNamespace(
            address=address,
            channel=channel,
            health=health_service_pb2_grpc.HealthServiceStub(channel),
            videos=video_service_pb2_grpc.VideoServiceStub(channel),
            jobs=job_service_pb2_grpc.JobServiceStub(channel),
            styles=style_service_pb2_grpc.StyleServiceStub(channel),
            style=STYLE,
            ada=(("authorization", "Bearer ada"),),
            bob=(("authorization", "Bearer bob"),),
            kept=SimpleNamespace(videos=videos, jobs=jobs, styles=styles, health=health, blobs=blobs),
            staging=tmp_path / "storage" / ".staging",
        )
    await server.stop(0)


@pytest.fixture
def refusal():
    """`await refusal(call)` → the ErrorInfo reason of the failure that the call ends with."""
    from google.rpc.error_details_pb2 import ErrorInfo
    from google.rpc.status_pb2 import Status as RpcStatus

    async def reason(call) -> str:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call
        trailers = dict(caught.value.trailing_metadata())
        (detail,) = RpcStatus.FromString(trailers["grpc-status-details-bin"]).details
        info = ErrorInfo()
        assert detail.Unpack(info)
        assert info.domain == "clipzy"
        return info.reason

    return reason

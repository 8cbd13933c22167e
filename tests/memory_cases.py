"""The use cases in memory, with answers that a test can foresee; what stands here takes the place of a database."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from clipzy_server.domain.errors import Conflict, ErrorCode, NotFound, TooLarge, Unauthorized
from clipzy_server.domain.ids import new_id
from clipzy_server.domain.job import Artifact, Job, JobConfig, JobResult, JobStatus, Stage
from clipzy_server.domain.owner import Access, Owner, Scope
from clipzy_server.domain.page import Page, PageRequest
from clipzy_server.domain.style import (
    AspectRatio,
    AudioStyle,
    ColorGrade,
    FieldDifference,
    SavedStyle,
    StyleDifference,
    StyleDna,
    Transition,
)
from clipzy_server.domain.usage import Meter, Usage
from clipzy_server.domain.video import Video, VideoMetadata
from clipzy_server.domain.webhook import Delivery, DeliveryAttempt, DeliveryState
from clipzy_server.usecases.health import HealthReport, HealthStatus
from clipzy_server.usecases.requests import Estimate, NewJob, UploadRequest
from clipzy_server.usecases.resumable import ResumableUploads

TOKEN = "a-token-of-the-tests"
READING_TOKEN = "a-token-that-only-reads"
OWNER = Owner("own_1", "tester")
START = datetime(2024, 4, 5, 10, 30, tzinfo=UTC)
MAX_FILE_BYTES = 4 * 1024 * 1024

METADATA = VideoMetadata(
    width=640,
    height=360,
    duration_seconds=3.0,
    frame_rate=24.0,
    codec="h264",
    bitrate_kbps=900,
    format="mp4",
    has_audio=True,
    audio_codec="aac",
    is_variable_frame_rate=False,
    is_hdr=False,
    rotation_degrees=0,
)


@dataclass(frozen=True)
class MemoryOwners:
    owner: Owner = OWNER

    async def authenticate(self, token: str) -> Access:
        if token == READING_TOKEN:
            return Access(self.owner, Scope.READ)
        if token != TOKEN:
            raise Unauthorized
        return Access(self.owner, Scope.WRITE)

    async def anonymous(self) -> Access:
        return Access(self.owner, Scope.ADMIN)


@dataclass
class MemorySink:
    videos: "MemoryVideos"
    request: UploadRequest
    content: bytearray = field(default_factory=bytearray)
    aborted: bool = False

    async def write(self, chunk: bytes) -> None:
        self.content += chunk
        if len(self.content) > MAX_FILE_BYTES:
            raise TooLarge(ErrorCode.FILE_TOO_LARGE, "File too large", f"At most {MAX_FILE_BYTES} bytes.")

    async def describe(self, *, template_video_id: str | None = None, webhook_url: str | None = None) -> None:
        self.request = replace(
            self.request,
            template_video_id=template_video_id or self.request.template_video_id,
            webhook_url=webhook_url or self.request.webhook_url,
        )

    async def finish(self) -> Video:
        video_id = new_id("vid")
        video = Video(
            video_id=video_id,
            owner_id=OWNER.owner_id,
            filename=self.request.filename,
            file_size_bytes=len(self.content),
            metadata=METADATA,
            uploaded_at=START + timedelta(seconds=len(self.videos.stored)),
            storage_url=f"file:///storage/{video_id}/{self.request.filename}",
            sha256=hashlib.sha256(self.content).hexdigest(),
            blob_key=video_id,
            template_video_id=self.request.template_video_id,
            webhook_url=self.request.webhook_url,
        )
        self.videos.stored[video_id] = video
        return video

    async def abort(self) -> None:
        self.aborted = True


class MemoryVideos:
    def __init__(self) -> None:
        self.stored: dict[str, Video] = {}
        self.sinks: list[MemorySink] = []

    async def begin(self, owner: Owner, request: UploadRequest, idempotency_key: str | None = None) -> MemorySink:
        self.sinks.append(MemorySink(self, request))
        return self.sinks[-1]

    async def get(self, owner: Owner, video_id: str) -> Video:
        if video_id not in self.stored:
            raise NotFound(ErrorCode.VIDEO_NOT_FOUND, "Video not found", f"There is no video {video_id}.")
        return self.stored[video_id]

    async def list(self, owner: Owner, page: PageRequest) -> Page[Video]:
        return _page(list(self.stored.values()), page)

    async def delete(self, owner: Owner, video_id: str) -> None:
        await self.get(owner, video_id)
        del self.stored[video_id]


@dataclass(frozen=True)
class MemoryFile:
    name: str
    content: bytes
    content_type: str
    etag: str = "tag"

    @property
    def size_bytes(self) -> int:
        return len(self.content)

    async def link(self, method: str) -> str | None:
        return None

    async def read(self, start: int, end: int) -> AsyncIterator[bytes]:
        yield self.content[start : (start + end) // 2]
        yield self.content[(start + end) // 2 : end]


class MemoryJobs:
    """`failures` maps a job id to the error that asking for it raises; `files` holds what can be downloaded."""

    def __init__(self) -> None:
        self.stored: dict[str, Job] = {}
        self.asked: list[NewJob] = []
        self.keys: list[str | None] = []
        self.failures: dict[str, Exception] = {}
        self.changes: dict[str, list[Job]] = {}
        self.files: dict[tuple[str, str], MemoryFile] = {}

    def add(self, status: JobStatus = JobStatus.QUEUED, **changes: object) -> Job:
        job_id = new_id("job")
        at = START + timedelta(seconds=len(self.stored))
        job = Job(job_id, OWNER.owner_id, "vid_1", status, 0, None, at, at, JobConfig())
        self.stored[job_id] = replace(job, **changes)  # type: ignore[arg-type]
        return self.stored[job_id]

    async def create(self, owner: Owner, asked: NewJob, idempotency_key: str | None = None) -> Job:
        self.asked.append(asked)
        self.keys.append(idempotency_key)
        return self.add(video_id=asked.video_id, template_video_id=asked.template_video_id, config=asked.config)

    async def estimate(self, owner: Owner, asked: NewJob) -> Estimate:
        return Estimate(valid=True, estimated_seconds=12.5)

    async def get(self, owner: Owner, job_id: str) -> Job:
        if job_id in self.failures:
            raise self.failures[job_id]
        if job_id not in self.stored:
            raise NotFound(ErrorCode.JOB_NOT_FOUND, "Job not found", f"There is no job {job_id}.")
        return self.stored[job_id]

    async def list(self, owner: Owner, page: PageRequest, status: JobStatus | None = None) -> Page[Job]:
        return _page([job for job in self.stored.values() if status in (None, job.status)], page)

    async def result(self, owner: Owner, job_id: str) -> JobResult:
        job = await self.get(owner, job_id)
        if not job.status.is_terminal:
            raise Conflict(ErrorCode.RESULT_NOT_READY, "Result not ready", "The job is still active.")
        artifacts = (Artifact("output.mp4", 10, "k", "0"), Artifact("style.json", 5, "k", "0"))
        return JobResult(job, style(), "file:///storage/x/output.mp4", 3.25, artifacts, {Stage.RENDERING: 1.5})

    async def cancel(self, owner: Owner, job_id: str) -> Job:
        self.stored[job_id] = replace(await self.get(owner, job_id), status=JobStatus.CANCELLED)
        return self.stored[job_id]

    async def retry(self, owner: Owner, job_id: str, idempotency_key: str | None = None) -> Job:
        return self.add(video_id=(await self.get(owner, job_id)).video_id)

    async def watch(self, owner: Owner, job_id: str) -> AsyncIterator[Job]:
        yield await self.get(owner, job_id)
        for change in self.changes.get(job_id, []):
            yield change

    async def output(self, owner: Owner, job_id: str) -> MemoryFile:
        return await self.artifact(owner, job_id, "output.mp4")

    async def artifact(self, owner: Owner, job_id: str, name: str) -> MemoryFile:
        await self.get(owner, job_id)
        if (job_id, name) not in self.files:
            raise NotFound(ErrorCode.ARTIFACT_NOT_FOUND, "Artifact not found", f"The job has no {name}.")
        return self.files[job_id, name]


class MemoryStyles:
    def __init__(self) -> None:
        self.stored: dict[str, SavedStyle] = {}

    async def save(
        self,
        owner: Owner,
        name: str,
        *,
        style: StyleDna | None = None,
        job_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> SavedStyle:
        assert style is not None
        saved = SavedStyle(new_id("sty"), name, style, START)
        self.stored[saved.style_id] = saved
        return saved

    async def get(self, owner: Owner, style_id: str) -> SavedStyle:
        if style_id not in self.stored:
            raise NotFound(ErrorCode.STYLE_NOT_FOUND, "Style not found", f"There is no style {style_id}.")
        return self.stored[style_id]

    async def list(self, owner: Owner, page: PageRequest) -> Page[SavedStyle]:
        return _page(list(self.stored.values()), page)

    async def delete(self, owner: Owner, style_id: str) -> None:
        await self.get(owner, style_id)
        del self.stored[style_id]

    async def diff(self, owner: Owner, style_id: str, other_id: str) -> StyleDifference:
        await self.get(owner, style_id)
        await self.get(owner, other_id)
        return StyleDifference((FieldDifference("motion_intensity", 1.0, 2.5, 1.5),), "1 field differs.")


class MemoryWebhooks:
    def __init__(self) -> None:
        self.stored: dict[str, Delivery] = {}

    def add(self, job_id: str, *attempts: DeliveryAttempt) -> Delivery:
        delivery = Delivery(new_id("dlv"), job_id, "https://example.com/hook", attempts, DeliveryState.FAILED)
        self.stored[delivery.delivery_id] = delivery
        return delivery

    async def list(self, owner: Owner, page: PageRequest, job_id: str | None = None) -> Page[Delivery]:
        return _page([one for one in self.stored.values() if job_id in (None, one.job_id)], page)

    async def resend(self, owner: Owner, delivery_id: str) -> Delivery:
        if delivery_id not in self.stored:
            raise NotFound(ErrorCode.DELIVERY_NOT_FOUND, "Delivery not found", f"There is no delivery {delivery_id}.")
        self.stored[delivery_id] = replace(self.stored[delivery_id], state=DeliveryState.PENDING)
        return self.stored[delivery_id]


class LentUploads:
    """Resumable uploads are the real ones, on the database of each test: see `tus`."""

    real: ResumableUploads

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


class MemoryHealth:
    is_ready = True

    async def check(self) -> HealthReport:
        state = "ok" if self.is_ready else "unavailable"
        status = HealthStatus.OK if self.is_ready else HealthStatus.DEGRADED
        return HealthReport(status, "0.1", START, {"database": state, "storage": "ok"}, self.is_ready)


def style(**changes: object) -> StyleDna:
    known = StyleDna(
        color_grade=ColorGrade(temperature=12.5),
        aspect_ratio=AspectRatio.WIDE,
        frame_rate=24,
        audio_style=AudioStyle(),
        cut_frequency=7.25,
        motion_intensity=41.0,
        zoom_usage=0.0,
        primary_transition=Transition(),
        created_at=START,
        source_duration_seconds=3.0,
        extraction_confidence=0.75,
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def _page(items: list, page: PageRequest) -> Page:  # type: ignore[type-arg]
    newest = items[::-1]
    first = (page.page - 1) * page.page_size
    return Page(tuple(newest[first : first + page.page_size]), len(items), page.page, page.page_size)


class MemoryUsages:
    async def of(self, owner: Owner) -> Usage:
        return Usage(Meter(5_000_000_000, 6_000_000_000), Meter(0, None), Meter(7, 100))

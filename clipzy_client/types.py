"""What calls take and give: plain values, no protobuf. Names, units and ranges are those of the documented JSON."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, TypeAlias

StyleDna: TypeAlias = dict[str, Any]
"""A Style DNA as the documented JSON object: may be stored, compared, and sent back as it is."""

AspectRatio = Literal["16:9", "9:16", "1:1", "4:5", "4:3", "21:9"]
Dimension = Literal["color", "framing", "frame_rate", "cuts", "transitions", "zoom", "audio"]


class JobStatus(StrEnum):
    """queued → processing → completed | failed, and cancelled."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_terminal(self) -> bool:
        """Terminal states never change."""
        return self not in (JobStatus.QUEUED, JobStatus.PROCESSING)


@dataclass(frozen=True)
class Meter:
    """What is used of a quota, and the most that may be; None where there is no limit."""

    used: int
    limit: int | None


@dataclass(frozen=True)
class Usage:
    """Everything that has a quota."""

    stored_bytes: Meter
    active_jobs: Meter
    requests_per_minute: Meter


@dataclass(frozen=True)
class VideoMetadata:
    """Probed from the file; width and height as displayed."""

    width: int
    height: int
    duration_seconds: float
    frame_rate: float
    codec: str
    bitrate_kbps: int
    format: str
    has_audio: bool
    audio_codec: str | None
    is_variable_frame_rate: bool
    is_hdr: bool
    rotation_degrees: int


@dataclass(frozen=True)
class Video:
    """An uploaded video."""

    video_id: str
    filename: str
    file_size_bytes: int
    metadata: VideoMetadata
    uploaded_at: datetime
    storage_url: str
    sha256: str
    template_video_id: str | None


@dataclass(frozen=True)
class JobFailure:
    """Why a job failed, and in which stage."""

    stage: str | None
    code: str
    message: str


@dataclass(frozen=True)
class Job:
    """A job as it stands. `progress_percent` 0…100 never goes back."""

    job_id: str
    video_id: str
    status: JobStatus
    progress_percent: int
    current_stage: str | None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    template_video_id: str | None
    error: JobFailure | None
    stage_progress_percent: int
    eta_seconds: float | None
    attempt: int


@dataclass(frozen=True)
class Artifact:
    """A file that a job left."""

    name: str
    url: str
    bytes: int


@dataclass(frozen=True)
class Fidelity:
    """How near the output came in one dimension, 0…1, with both measured values."""

    template: float | str | None
    output: float | str | None
    nearness: float


@dataclass(frozen=True)
class JobResult:
    """A finished job and everything it made."""

    job: Job
    style: StyleDna | None
    output_video_url: str | None
    processing_time_seconds: float | None
    artifacts: tuple[Artifact, ...]
    stage_seconds: dict[str, float]
    fidelity: dict[str, Fidelity]


class DeliveryState(StrEnum):
    """How far a webhook's delivery is: pending → delivered | failed."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True)
class DeliveryAttempt:
    """One try: the HTTP status of the answer, or why none came."""

    at: datetime
    status: int | None
    error: str | None


@dataclass(frozen=True)
class Delivery:
    """A webhook's message to one address; `delivery_id` travels as `webhook-id`."""

    delivery_id: str
    job_id: str
    url: str
    attempts: tuple[DeliveryAttempt, ...]
    state: DeliveryState


@dataclass(frozen=True)
class DeliveryPage:
    """One page of deliveries, newest first."""

    deliveries: tuple[Delivery, ...] = field(default_factory=tuple)
    total: int = 0
    page: int = 1
    page_size: int = 10


@dataclass(frozen=True)
class JobConfig:
    """Settings of a job; what is left out has the server's default."""

    quality: Literal["low", "medium", "high"] | None = None
    mode: Literal["transfer", "extract_only"] | None = None
    style_id: str | None = None
    style_json: StyleDna | None = None
    strength: float | None = None
    apply: tuple[Dimension, ...] | None = None
    aspect_ratio: AspectRatio | None = None
    frame_rate: int | None = None
    resolution: str | None = None
    keep_duration: bool = False
    priority: int = 0


@dataclass(frozen=True)
class JobPage:
    """One page of jobs, newest first."""

    jobs: tuple[Job, ...] = field(default_factory=tuple)
    total: int = 0
    page: int = 1
    page_size: int = 10

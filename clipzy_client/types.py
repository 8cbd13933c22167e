"""What calls take and give: plain values, no protobuf. Names, units and ranges are those of the documented JSON."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Literal, TypeVar

from clipzy_client.style import StyleDna

T_co = TypeVar("T_co", covariant=True)

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all; a break can take the first of them back."""

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
class JobState:
    """A job as it stood when it was told. `progress_percent` 0…100 never goes back."""

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
class ResultState:
    """Everything that an ended job made, its style and itself apart."""

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
class JobConfig:
    """Settings of a job; what is left out has the server's default."""

    quality: Literal["low", "medium", "high"] | None = None
    mode: Literal["transfer", "extract_only"] | None = None
    style_id: str | None = None
    style: StyleDna | None = None
    strength: float | None = None
    apply: tuple[Dimension, ...] | None = None
    aspect_ratio: AspectRatio | None = None
    frame_rate: int | None = None
    resolution: str | None = None
    keep_duration: bool = False
    priority: int = 0


@dataclass(frozen=True)
class Estimate:
    """What a job would take once a worker has it, and what will not come out as one might expect."""

    valid: bool
    estimated_seconds: float
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class SavedStyle:
    """A style kept under a name."""

    style_id: str
    name: str
    style: StyleDna
    created_at: datetime


@dataclass(frozen=True)
class StyleDifference:
    """One field, by its dotted name, of which two styles say different things; `change` is b − a of numbers."""

    field: str
    a: Any
    b: Any
    change: float | None


@dataclass(frozen=True)
class StyleDiff:
    """How a style differs from another, the greatest differences first, and the same in a sentence."""

    fields: tuple[StyleDifference, ...]
    summary: str


@dataclass(frozen=True)
class Health:
    """`ok` or `degraded`, and the state of each thing the server stands on in a word."""

    status: str
    version: str
    timestamp: datetime
    dependencies: dict[str, str]


@dataclass(frozen=True)
class Page(Generic[T_co]):
    """One page of a list, newest first; `total` counts those of all pages."""

    items: tuple[T_co, ...]
    total: int
    page: int
    page_size: int

"""Jobs: states, stages, progress, settings and results."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from clipzy_server.domain.style import AspectRatio, StyleDna


class JobStatus(StrEnum):
    """queued → processing → completed | failed, and cancelled from queued or processing."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_terminal(self) -> bool:
        """Terminal states never change."""
        return self in (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED)


class Stage(StrEnum):
    """The six stages, in order."""

    VIDEO_ANALYSIS = "video_analysis"
    AUDIO_ANALYSIS = "audio_analysis"
    MOTION_ANALYSIS = "motion_analysis"
    STYLE_EXTRACTION = "style_extraction"
    STYLE_APPLICATION = "style_application"
    RENDERING = "rendering"


PROGRESS_RANGE: dict[Stage, tuple[int, int]] = {
    Stage.VIDEO_ANALYSIS: (1, 20),
    Stage.AUDIO_ANALYSIS: (21, 35),
    Stage.MOTION_ANALYSIS: (36, 55),
    Stage.STYLE_EXTRACTION: (56, 65),
    Stage.STYLE_APPLICATION: (66, 85),
    Stage.RENDERING: (86, 99),
}


class Quality(StrEnum):
    """Effort and bit rate of the encoder."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class JobMode(StrEnum):
    """`extract_only` ends after style_extraction."""

    TRANSFER = "transfer"
    EXTRACT_ONLY = "extract_only"


class Dimension(StrEnum):
    """What of a style can be applied."""

    COLOR = "color"
    FRAMING = "framing"
    FRAME_RATE = "frame_rate"
    CUTS = "cuts"
    TRANSITIONS = "transitions"
    ZOOM = "zoom"
    AUDIO = "audio"


@dataclass(frozen=True, slots=True)
class JobConfig:
    """A caller's settings of a job; the defaults are the published ones."""

    quality: Quality = Quality.HIGH
    mode: JobMode = JobMode.TRANSFER
    style_id: str | None = None
    style_json: StyleDna | None = None
    strength: float = 1.0
    apply: tuple[Dimension, ...] = tuple(Dimension)
    aspect_ratio: AspectRatio | None = None
    frame_rate: int | None = None
    resolution: str | None = None
    keep_duration: bool = False
    priority: int = 0
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class JobFailure:
    """Why a job failed, and in which stage."""

    stage: Stage | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file a job left, by its public name. `blob_key` names its bytes."""

    name: str
    bytes: int
    blob_key: str
    sha256: str


@dataclass(frozen=True, slots=True)
class DimensionFidelity:
    """How near the output came in one dimension: the template's value, the output's own measured value, 0…1."""

    template: float | str | None
    output: float | str | None
    nearness: float


@dataclass(frozen=True, slots=True)
class Job:
    """A job as callers see it, with what its result needs. `traceparent` is the span of the call that queued it."""

    job_id: str
    owner_id: str
    video_id: str
    status: JobStatus
    progress_percent: int
    current_stage: Stage | None
    created_at: datetime
    updated_at: datetime
    config: JobConfig
    started_at: datetime | None = None
    completed_at: datetime | None = None
    template_video_id: str | None = None
    webhook_url: str | None = None
    error: JobFailure | None = None
    stage_progress_percent: int = 0
    eta_seconds: float | None = None
    attempt: int = 0
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class JobResult:
    """A job and everything it made."""

    job: Job
    style: StyleDna | None = None
    output_video_url: str | None = None
    processing_time_seconds: float | None = None
    artifacts: tuple[Artifact, ...] = ()
    stage_seconds: dict[Stage, float] = field(default_factory=dict)
    fidelity: dict[str, DimensionFidelity] | None = None

"""A job, its result, and the answer of a dry run as JSON."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from clipzy_server.domain.job import Artifact, Job, JobResult, JobStatus, Stage
from clipzy_server.domain.page import Page
from clipzy_server.rest.style_json import PlainStyle, style_json

OUTPUT_NAME = "output.mp4"


class JobErrorJson(BaseModel):
    """Why a job failed."""

    model_config = ConfigDict(from_attributes=True)

    stage: Stage | None
    code: str
    message: str


class JobJson(BaseModel):
    """A job as its owner sees it."""

    model_config = ConfigDict(from_attributes=True)

    job_id: str
    video_id: str
    status: JobStatus
    progress_percent: int
    current_stage: Stage | None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    template_video_id: str | None
    error: JobErrorJson | None
    stage_progress_percent: int
    eta_seconds: float | None
    attempt: int


class ArtifactJson(BaseModel):
    """A file that can be downloaded at `url`."""

    name: str
    url: str
    bytes: int


class FidelityJson(BaseModel):
    """How near the output came in one dimension, 0…1."""

    model_config = ConfigDict(from_attributes=True)

    template: float | str | None
    output: float | str | None
    nearness: float


class JobResultJson(JobJson):
    """A terminal job and everything it made."""

    style_json: PlainStyle | None
    output_video_url: str | None
    processing_time_seconds: float | None
    artifacts: tuple[ArtifactJson, ...]
    stage_seconds: dict[Stage, float]
    fidelity: dict[str, FidelityJson] | None


class JobPageJson(BaseModel):
    """One page of jobs."""

    jobs: tuple[JobJson, ...]
    total: int
    page: int
    page_size: int


class EstimateJson(BaseModel):
    """The answer of a dry run: nothing was created."""

    model_config = ConfigDict(from_attributes=True)

    valid: bool
    estimated_seconds: float
    warnings: tuple[str, ...]


def job_json(job: Job) -> JobJson:
    """The job's public fields."""
    return JobJson.model_validate(job)


def job_page_json(page: Page[Job]) -> JobPageJson:
    """The page in its published form."""
    jobs = tuple(map(job_json, page.items))
    return JobPageJson(jobs=jobs, total=page.total, page=page.page, page_size=page.page_size)


def job_result_json(result: JobResult) -> JobResultJson:
    """The job's own fields, then what it made."""
    job = result.job
    made = {
        "style_json": style_json(result.style) if result.style else None,
        "output_video_url": result.output_video_url,
        "processing_time_seconds": result.processing_time_seconds,
        "artifacts": tuple(_artifact(job.job_id, artifact) for artifact in result.artifacts),
        "stage_seconds": result.stage_seconds,
        "fidelity": result.fidelity,
    }
    return JobResultJson.model_validate({name: getattr(job, name) for name in JobJson.model_fields} | made)


def _artifact(job_id: str, artifact: Artifact) -> ArtifactJson:
    place = "output" if artifact.name == OUTPUT_NAME else f"artifacts/{artifact.name}"
    return ArtifactJson(name=artifact.name, url=f"/api/v1/jobs/{job_id}/{place}", bytes=artifact.bytes)

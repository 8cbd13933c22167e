"""Jobs and their results → protobuf."""

from clipzy.v1 import job_pb2
from clipzy_server.api.enums import JOB_STATUSES, STAGES
from clipzy_server.api.style_messages import style_message
from clipzy_server.api.times import duration, optional_duration, optional_timestamp, timestamp
from clipzy_server.domain.job import Artifact, DimensionFidelity, Job, JobFailure, JobResult
from clipzy_server.usecases.jobs import OUTPUT
from clipzy_server.usecases.requests import Estimate


def job_message(job: Job) -> job_pb2.Job:
    """A job as its owner sees it."""
    return job_pb2.Job(
        job_id=job.job_id,
        video_id=job.video_id,
        status=JOB_STATUSES.to_wire(job.status),
        progress_percent=job.progress_percent,
        current_stage=STAGES.to_wire(job.current_stage) if job.current_stage else None,
        created_at=timestamp(job.created_at),
        updated_at=timestamp(job.updated_at),
        started_at=optional_timestamp(job.started_at),
        completed_at=optional_timestamp(job.completed_at),
        template_video_id=job.template_video_id,
        error=_failure(job.error) if job.error else None,
        stage_progress_percent=job.stage_progress_percent,
        eta=optional_duration(job.eta_seconds),
        attempt=job.attempt,
    )


def result_message(result: JobResult) -> job_pb2.JobResult:
    """A job with everything it made."""
    return job_pb2.JobResult(
        job=job_message(result.job),
        style=style_message(result.style) if result.style else None,
        output_video_url=result.output_video_url,
        processing_time=optional_duration(result.processing_time_seconds),
        artifacts=[_artifact(result.job.job_id, artifact) for artifact in result.artifacts],
        stage_times=[
            job_pb2.StageTime(stage=STAGES.to_wire(stage), duration=duration(seconds))
            for stage, seconds in result.stage_seconds.items()
        ],
        fidelity={name: _fidelity(fidelity) for name, fidelity in (result.fidelity or {}).items()},
    )


def estimate_message(estimate: Estimate) -> job_pb2.JobEstimate:
    """What a dry run says."""
    return job_pb2.JobEstimate(
        valid=estimate.valid, estimated_time=duration(estimate.estimated_seconds), warnings=estimate.warnings
    )


def _failure(failure: JobFailure) -> job_pb2.JobError:
    return job_pb2.JobError(
        stage=STAGES.to_wire(failure.stage) if failure.stage else None, code=failure.code, message=failure.message
    )


def _artifact(job_id: str, artifact: Artifact) -> job_pb2.Artifact:
    place = "output" if artifact.name == OUTPUT else f"artifacts/{artifact.name}"
    return job_pb2.Artifact(name=artifact.name, url=f"/api/v1/jobs/{job_id}/{place}", size_bytes=artifact.bytes)


def _fidelity(fidelity: DimensionFidelity) -> job_pb2.DimensionFidelity:
    return job_pb2.DimensionFidelity(
        template=_fidelity_value(fidelity.template),
        output=_fidelity_value(fidelity.output),
        nearness=fidelity.nearness,
    )


def _fidelity_value(value: float | str | None) -> job_pb2.FidelityValue | None:
    if value is None:
        return None
    if isinstance(value, str):
        return job_pb2.FidelityValue(text=value)
    return job_pb2.FidelityValue(number=value)

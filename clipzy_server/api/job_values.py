"""What callers ask of a job, from protobuf."""

from clipzy.v1 import job_pb2, job_service_pb2
from clipzy_server.api.enums import ASPECT_RATIOS, DIMENSIONS, JOB_MODES, QUALITIES
from clipzy_server.api.fields import required
from clipzy_server.api.style_values import style_value
from clipzy_server.domain.job import Dimension, JobConfig
from clipzy_server.usecases.requests import NewJob


def new_job(request: job_service_pb2.CreateJobRequest) -> NewJob:
    """The job asked for; raises Invalid naming the field that is missing or wrong."""
    return NewJob(
        video_id=required(request.video_id, "video_id"),
        template_video_id=request.template_video_id or None,
        webhook_url=request.webhook_url or None,
        config=job_config(request.config),
    )


def job_config(config: job_pb2.JobConfig) -> JobConfig:
    """The settings, with the published defaults where nothing was said; raises Invalid naming a wrong field."""
    default = JobConfig()
    source = config.WhichOneof("style_source")
    return JobConfig(
        quality=QUALITIES.from_wire_or(config.quality, "config.quality", default.quality),
        mode=JOB_MODES.from_wire_or(config.mode, "config.mode", default.mode),
        style_id=required(config.style_id, "config.style_id") if source == "style_id" else None,
        style_json=style_value(config.style, "config.style") if source == "style" else None,
        strength=config.strength if config.HasField("strength") else default.strength,
        apply=_dimensions(config.apply) if config.HasField("apply") else default.apply,
        aspect_ratio=ASPECT_RATIOS.from_wire(config.aspect_ratio, "config.aspect_ratio")
        if config.HasField("aspect_ratio")
        else None,
        frame_rate=config.frame_rate if config.HasField("frame_rate") else None,
        resolution=config.resolution if config.HasField("resolution") else None,
        keep_duration=config.keep_duration,
        priority=config.priority,
        dry_run=config.dry_run,
    )


def _dimensions(chosen: job_pb2.Dimensions) -> tuple[Dimension, ...]:
    return tuple(DIMENSIONS.from_wire(dimension, "config.apply") for dimension in chosen.dimensions)

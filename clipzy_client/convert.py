"""Answers of the server as the client's own values, and settings as requests."""

import dataclasses
from datetime import datetime

from clipzy.v1 import job_pb2, style_pb2, usage_service_pb2, video_pb2, webhook_service_pb2
from clipzy_client.plain import fill, to_plain
from clipzy_client.types import (
    Artifact,
    Delivery,
    DeliveryAttempt,
    DeliveryState,
    Fidelity,
    Job,
    JobConfig,
    JobFailure,
    JobResult,
    JobStatus,
    Meter,
    StyleDna,
    Usage,
    Video,
    VideoMetadata,
)


def video_from(message: video_pb2.Video) -> Video:
    """A video as answered."""
    plain = to_plain(message)
    return Video(**(plain | {"metadata": VideoMetadata(**plain["metadata"])}))


def job_from(message: job_pb2.Job) -> Job:
    """A job as answered."""
    plain = to_plain(message)
    plain["eta_seconds"] = plain.pop("eta")
    plain["status"] = JobStatus(plain["status"])
    plain["error"] = JobFailure(**plain["error"]) if plain["error"] else None
    return Job(**plain)


def style_from(message: style_pb2.StyleDna) -> StyleDna:
    """A Style DNA as the documented JSON object."""
    plain = to_plain(message)
    created: datetime = plain["created_at"]
    return plain | {"created_at": created.isoformat().replace("+00:00", "Z")}


def result_from(message: job_pb2.JobResult) -> JobResult:
    """A result as answered."""
    plain = to_plain(message)
    fidelity = {
        name: Fidelity(_either(near["template"]), _either(near["output"]), near["nearness"])
        for name, near in plain["fidelity"].items()
    }
    return JobResult(
        job=job_from(message.job),
        style=style_from(message.style) if message.HasField("style") else None,
        output_video_url=plain["output_video_url"],
        processing_time_seconds=plain["processing_time"],
        artifacts=tuple(Artifact(a["name"], a["url"], a["size_bytes"]) for a in plain["artifacts"]),
        stage_seconds={time["stage"]: time["duration"] or 0.0 for time in plain["stage_times"]},
        fidelity=fidelity,
    )


def delivery_from(message: webhook_service_pb2.WebhookDelivery) -> Delivery:
    """A webhook's delivery as answered."""
    plain = to_plain(message)
    plain["attempts"] = tuple(DeliveryAttempt(**attempt) for attempt in plain["attempts"])
    plain["state"] = DeliveryState(plain["state"])
    return Delivery(**plain)


def usage_from(message: usage_service_pb2.Usage) -> Usage:
    """Quotas and their use as answered."""
    return Usage(**{name: Meter(**meter) for name, meter in to_plain(message).items()})


def _either(value: dict[str, float | str | None] | None) -> float | str | None:
    if value is None:
        return None
    return value["text"] if value["text"] is not None else value["number"]


def config_to(config: JobConfig) -> job_pb2.JobConfig:
    """Settings as a request; raises ValueError for a word the contract does not have."""
    plain = dataclasses.asdict(config)
    plain["style"] = plain.pop("style_json")
    if plain["apply"] is not None:
        plain["apply"] = {"dimensions": list(plain["apply"])}
    message = job_pb2.JobConfig()
    fill(message, plain)
    return message

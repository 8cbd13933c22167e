"""Answers of the server as the client's own values, and settings as requests."""

from google.protobuf.json_format import MessageToDict

from clipzy.v1 import (
    health_service_pb2,
    job_pb2,
    style_pb2,
    style_service_pb2,
    usage_service_pb2,
    video_pb2,
    webhook_service_pb2,
)
from clipzy_client.build import build, plain_of
from clipzy_client.plain import fill, to_plain
from clipzy_client.style import StyleDna
from clipzy_client.types import (
    Delivery,
    Estimate,
    Health,
    JobConfig,
    JobState,
    ResultState,
    SavedStyle,
    StyleDiff,
    StyleDifference,
    Usage,
    Video,
)


def video_from(message: video_pb2.Video) -> Video:
    """A video as answered."""
    return build(Video, to_plain(message))


def job_from(message: job_pb2.Job) -> JobState:
    """A job as answered."""
    plain = to_plain(message)
    plain["eta_seconds"] = plain.pop("eta")
    return build(JobState, plain)


def style_from(message: style_pb2.StyleDna) -> StyleDna:
    """A Style DNA as answered."""
    return build(StyleDna, to_plain(message))


def style_to(style: StyleDna) -> style_pb2.StyleDna:
    """A Style DNA as it is sent; raises ValueError for a word the contract does not have."""
    message = style_pb2.StyleDna()
    fill(message, style.to_dict())
    return message


def saved_style_from(message: style_pb2.SavedStyle) -> SavedStyle:
    """A saved style as answered."""
    return build(SavedStyle, to_plain(message))


def style_diff_from(message: style_service_pb2.DiffStylesResponse) -> StyleDiff:
    """The differences of two styles as answered."""
    fields = tuple(
        StyleDifference(
            found.field,
            MessageToDict(found.a) if found.HasField("a") else None,
            MessageToDict(found.b) if found.HasField("b") else None,
            found.change if found.HasField("change") else None,
        )
        for found in message.fields
    )
    return StyleDiff(fields, message.summary)


def result_from(message: job_pb2.JobResult) -> ResultState:
    """What an ended job made, as answered."""
    plain = to_plain(message)
    return build(
        ResultState,
        {
            "output_video_url": plain["output_video_url"],
            "processing_time_seconds": plain["processing_time"],
            "artifacts": [
                {"name": found["name"], "url": found["url"], "bytes": found["size_bytes"]}
                for found in plain["artifacts"]
            ],
            "stage_seconds": {time["stage"]: time["duration"] or 0.0 for time in plain["stage_times"]},
            "fidelity": {
                name: {**near, "template": _either(near["template"]), "output": _either(near["output"])}
                for name, near in plain["fidelity"].items()
            },
        },
    )


def estimate_from(message: job_pb2.JobEstimate) -> Estimate:
    """What a dry run says, as answered."""
    plain = to_plain(message)
    return Estimate(plain["valid"], plain["estimated_time"] or 0.0, tuple(plain["warnings"]))


def delivery_from(message: webhook_service_pb2.WebhookDelivery) -> Delivery:
    """A webhook's delivery as answered."""
    return build(Delivery, to_plain(message))


def usage_from(message: usage_service_pb2.Usage) -> Usage:
    """Quotas and their use as answered."""
    return build(Usage, to_plain(message))


def health_from(message: health_service_pb2.CheckHealthResponse) -> Health:
    """How well the server is, as answered."""
    return build(Health, to_plain(message))


def config_to(config: JobConfig) -> job_pb2.JobConfig:
    """Settings as a request; raises ValueError for a word the contract does not have."""
    plain = plain_of(config)
    if plain["apply"] is not None:
        plain["apply"] = {"dimensions": plain["apply"]}
    plain["style"] = config.style.to_dict() if config.style else None
    message = job_pb2.JobConfig()
    fill(message, plain)
    return message


def _either(value: dict[str, float | str | None] | None) -> float | str | None:
    if value is None:
        return None
    return value["text"] if value["text"] is not None else value["number"]

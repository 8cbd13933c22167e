"""Python client of Clipzy: async and sync, typed, without protobuf in its signatures."""

from clipzy_client.aio import AsyncClipzy
from clipzy_client.errors import ClipzyError
from clipzy_client.sync import Clipzy
from clipzy_client.types import (
    Artifact,
    Delivery,
    DeliveryAttempt,
    DeliveryPage,
    DeliveryState,
    Fidelity,
    Job,
    JobConfig,
    JobFailure,
    JobPage,
    JobResult,
    JobStatus,
    Meter,
    Usage,
    Video,
)
from clipzy_client.webhooks import InvalidWebhook, verify_webhook

__all__ = [
    "Artifact",
    "AsyncClipzy",
    "Clipzy",
    "ClipzyError",
    "Delivery",
    "DeliveryAttempt",
    "DeliveryPage",
    "DeliveryState",
    "Fidelity",
    "InvalidWebhook",
    "Job",
    "JobConfig",
    "JobFailure",
    "JobPage",
    "JobResult",
    "JobStatus",
    "Meter",
    "Usage",
    "Video",
    "verify_webhook",
]

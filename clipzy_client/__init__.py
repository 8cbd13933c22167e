"""Python client of Clipzy: async and sync with one surface, typed, without protobuf in its signatures."""

from clipzy_client import errors, style, types, webhooks
from clipzy_client.aio.client import AsyncClipzy
from clipzy_client.aio.jobs import AsyncExtractedStyle, AsyncJob, AsyncJobResult
from clipzy_client.connection import Patience
from clipzy_client.errors import ClipzyError, JobCancelled, JobFailed
from clipzy_client.style import StyleDna
from clipzy_client.sync.client import Clipzy
from clipzy_client.sync.jobs import ExtractedStyle, Job, JobResult
from clipzy_client.types import JobConfig, JobState, JobStatus, Page, Video
from clipzy_client.webhooks import InvalidWebhook

__version__ = "0.1.0"

__all__ = [
    "AsyncClipzy",
    "AsyncExtractedStyle",
    "AsyncJob",
    "AsyncJobResult",
    "Clipzy",
    "ClipzyError",
    "ExtractedStyle",
    "InvalidWebhook",
    "Job",
    "JobCancelled",
    "JobConfig",
    "JobFailed",
    "JobResult",
    "JobState",
    "JobStatus",
    "Page",
    "Patience",
    "StyleDna",
    "Video",
    "errors",
    "style",
    "types",
    "webhooks",
]

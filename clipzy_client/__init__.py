"""Python client of Clipzy: async and sync, typed, without protobuf in its signatures."""

from clipzy_client.aio import AsyncClipzy
from clipzy_client.errors import ClipzyError
from clipzy_client.sync import Clipzy
from clipzy_client.types import Artifact, Fidelity, Job, JobConfig, JobFailure, JobPage, JobResult, JobStatus, Video

__all__ = [
    "Artifact",
    "AsyncClipzy",
    "Clipzy",
    "ClipzyError",
    "Fidelity",
    "Job",
    "JobConfig",
    "JobFailure",
    "JobPage",
    "JobResult",
    "JobStatus",
    "Video",
]

"""Resumable uploads: files that come in pieces, over many requests, connections and processes."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way. `offset_bytes` are safely stored; they reach `size_bytes` only together with `video_id`."""

    upload_id: str
    owner_id: str
    filename: str
    size_bytes: int
    offset_bytes: int
    expires_at: datetime
    sha256: str | None = None
    template_video_id: str | None = None
    webhook_url: str | None = None
    tus_metadata: str | None = None
    """The header `Upload-Metadata` as it came; tus gives it back."""
    video_id: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """The bytes of an upload from `start_bytes` on, stored under a key of their own."""

    start_bytes: int
    size_bytes: int
    blob_key: str

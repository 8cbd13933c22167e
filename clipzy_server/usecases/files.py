"""Files that callers may download."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import PurePosixPath

from clipzy_server.domain.job import Artifact
from clipzy_server.store.blobs import Blobs

CONTENT_TYPES = {
    ".mp4": "video/mp4",
    ".json": "application/json",
    ".png": "image/png",
    ".html": "text/html; charset=utf-8",
    ".otio": "application/json",
    ".edl": "text/plain; charset=utf-8",
    ".cube": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that does not change; `etag` (without quotes) is the sha256 of its bytes."""

    name: str
    size_bytes: int
    etag: str
    content_type: str
    blobs: Blobs
    blob_key: str

    def read(self, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        """The bytes `start` … `end` − 1 in pieces of about 1 MiB."""
        return self.blobs.read(self.blob_key, start, end)


def stored_file(blobs: Blobs, artifact: Artifact) -> StoredFile:
    """The artifact as a download."""
    content_type = CONTENT_TYPES.get(PurePosixPath(artifact.name).suffix, "application/octet-stream")
    return StoredFile(artifact.name, artifact.bytes, artifact.sha256, content_type, blobs, artifact.blob_key)

"""Files that callers may download."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal

from clipzy_server.domain.job import Artifact
from clipzy_server.store.blobs import Blobs
from clipzy_server.store.content_types import content_type_of


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

    async def link(self, method: Literal["GET", "HEAD"]) -> str | None:
        """Where the storage itself gives the file away for a while; None where it does not."""
        return await self.blobs.link(self.blob_key, method)


def stored_file(blobs: Blobs, artifact: Artifact) -> StoredFile:
    """The artifact as a download."""
    content_type = content_type_of(artifact.name)
    return StoredFile(artifact.name, artifact.bytes, artifact.sha256, content_type, blobs, artifact.blob_key)

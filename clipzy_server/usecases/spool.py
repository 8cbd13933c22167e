"""A file that grows while its bytes arrive: written, and hashed where that is asked for, off the event loop."""

import asyncio
import os
from pathlib import Path
from typing import Protocol

from prometheus_client import Counter

from clipzy_server.domain.errors import ErrorCode, TooLarge, Unavailable
from clipzy_server.media.spare_memory import give_back_freed
from clipzy_server.store.blobs import Blobs, no_room
from clipzy_server.usecases.requests import Limits

# A thread hop costs about as much as hashing 50 KB; a batch this large makes it vanish.
_BATCH_BYTES = 1024 * 1024

_RECEIVED_BYTES = Counter("clipzy_upload_bytes", "Bytes of videos that this process received")


class Digest(Protocol):
    """What is needed of a `hashlib` object."""

    def update(self, data: bytearray, /) -> None:
        """Take more bytes."""
        ...


class Spool:
    """A new file at `path`. Memory: two batches of 1 MiB and one chunk. `digest` takes every byte in order."""

    def __init__(self, path: Path, blobs: Blobs, limits: Limits, digest: Digest | None = None) -> None:
        self.path = path
        self.size_bytes = 0
        self._blobs = blobs
        self._limits = limits
        self._digest = digest
        self._batch = bytearray()
        self._writing: asyncio.Future[None] | None = None
        self._file = path.open("xb", buffering=0)

    async def write(self, chunk: bytes) -> None:
        """Append; raises TooLarge as soon as the limit is passed, Unavailable when the disk is full."""
        if self.size_bytes + len(chunk) > self._limits.max_file_bytes:
            raise too_large(self._limits)
        self.size_bytes += len(chunk)
        self._batch += chunk
        _RECEIVED_BYTES.inc(len(chunk))
        if len(self._batch) >= _BATCH_BYTES:
            await self._flush()

    async def drain(self, *, durable: bool = False) -> None:
        """Returns when everything is written; `durable`: and would survive the loss of power."""
        await self._flush()
        await self._written()
        if durable:
            await asyncio.to_thread(os.fsync, self._file.fileno())

    async def close(self) -> None:
        """Write what is left."""
        await self.drain()
        self._file.close()

    async def discard(self) -> None:
        """Remove the file, when it is still there."""
        await self.abandon()
        self.path.unlink(missing_ok=True)

    async def abandon(self) -> None:
        """Stop writing; what is there stays there."""
        if self._writing is not None:
            # Only its end matters here: whether it failed is told by write() and close().
            await asyncio.gather(asyncio.shield(self._writing), return_exceptions=True)
        self._file.close()
        # Half a millisecond; an upload of 32 MiB left 8 MB of holes, and the next one others.
        give_back_freed()

    async def _flush(self) -> None:
        await self._written()
        batch, self._batch = self._batch, bytearray()
        # Receiving goes on while this batch is hashed and written.
        self._writing = asyncio.ensure_future(asyncio.to_thread(self._store, batch))

    async def _written(self) -> None:
        if self._writing is not None:
            # A thread cannot be cancelled: whoever gives up must still find it, to close the file after its end.
            await asyncio.shield(self._writing)
            self._writing = None

    def _store(self, batch: bytearray) -> None:
        if self._blobs.free_bytes() < self._limits.free_disk_reserve_bytes + len(batch):
            raise disk_full()
        if self._digest is not None:
            self._digest.update(batch)
        view = memoryview(batch)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            raise no_room(error) from error


def too_large(limits: Limits) -> TooLarge:
    """The refusal of a file over the limit."""
    mebibytes = limits.max_file_bytes / 1024**2
    return TooLarge(ErrorCode.FILE_TOO_LARGE, "File too large", f"The limit is {mebibytes:g} MiB.")


def disk_full() -> Unavailable:
    """The refusal when the disk has no room."""
    return Unavailable(ErrorCode.INSUFFICIENT_STORAGE, "Not enough storage", "There is no room for this file now.")

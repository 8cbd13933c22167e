"""One upload under way: bytes are hashed and written off the event loop, and only finish() makes a video of them."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from clipzy_server.domain.errors import ErrorCode, Invalid, TooLarge, Unavailable
from clipzy_server.domain.video import Video
from clipzy_server.store.blobs import Blobs, no_room
from clipzy_server.usecases.requests import Limits, UploadRequest

# A thread hop costs about as much as hashing 50 KB; a batch this large makes it vanish.
_BATCH_BYTES = 1024 * 1024


class Spool:
    """A file that grows in the staging folder. Memory: two batches of 1 MiB and one chunk."""

    def __init__(self, blobs: Blobs, limits: Limits) -> None:
        self.path: Path = blobs.staged_path()
        self.size_bytes = 0
        self._blobs = blobs
        self._limits = limits
        self._hash = hashlib.sha256()
        self._batch = bytearray()
        self._writing: asyncio.Future[None] | None = None
        self._file = self.path.open("xb", buffering=0)

    async def write(self, chunk: bytes) -> None:
        """Append; raises TooLarge as soon as the limit is passed, Unavailable when the disk is full."""
        self.size_bytes += len(chunk)
        if self.size_bytes > self._limits.max_file_bytes:
            raise too_large(self._limits)
        self._batch += chunk
        if len(self._batch) >= _BATCH_BYTES:
            await self._flush()

    async def close(self) -> str:
        """Write what is left; gives the sha256 of everything."""
        await self._flush()
        await self._written()
        self._file.close()
        return self._hash.hexdigest()

    async def discard(self) -> None:
        """Remove the file, when it is still there."""
        if self._writing is not None:
            # Only its end matters here: whether it failed is told by write() and close().
            await asyncio.gather(asyncio.shield(self._writing), return_exceptions=True)
        self._file.close()
        self.path.unlink(missing_ok=True)

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
        self._hash.update(batch)
        view = memoryview(batch)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            raise no_room(error) from error


class UploadSink:
    """Where a caller's bytes go: write() any number of times, describe() in between, then finish() or abort()."""

    def __init__(
        self,
        request: UploadRequest,
        spool: Spool,
        check: Callable[[UploadRequest], Awaitable[None]],
        finish: Callable[[UploadRequest, Spool, str], Awaitable[Video]],
    ) -> None:
        self._request = request
        self._spool = spool
        self._check = check
        self._finish = finish

    @property
    def size_bytes(self) -> int:
        """Bytes taken so far."""
        return self._spool.size_bytes

    async def write(self, chunk: bytes) -> None:
        """Append; raises TooLarge as soon as a limit is passed, Unavailable when there is no room."""
        declared = self._request.size_bytes
        if declared is not None and self._spool.size_bytes + len(chunk) > declared:
            raise Invalid(ErrorCode.VALIDATION_ERROR, "Wrong size", f"More than the {declared} bytes announced.")
        await self._spool.write(chunk)

    async def describe(self, *, template_video_id: str | None = None, webhook_url: str | None = None) -> None:
        """Fill in what came after the file; raises as `Videos.begin` does."""
        self._request = replace(
            self._request,
            template_video_id=template_video_id or self._request.template_video_id,
            webhook_url=webhook_url or self._request.webhook_url,
        )
        await self._check(self._request)

    async def finish(self) -> Video:
        """Check, probe and store; only now the video exists. Raises Invalid for what is no acceptable video."""
        try:
            sha256 = await self._spool.close()
            self._verify(sha256)
            return await self._finish(self._request, self._spool, sha256)
        finally:
            await self._spool.discard()

    async def abort(self) -> None:
        """Forget everything; harmless after finish()."""
        await self._spool.discard()

    def _verify(self, sha256: str) -> None:
        size = self._spool.size_bytes
        if size == 0:
            raise Invalid(ErrorCode.VALIDATION_ERROR, "Empty file", "file: the file is empty.")
        if self._request.size_bytes not in (None, size):
            detail = f"{size} bytes came, {self._request.size_bytes} were announced."
            raise Invalid(ErrorCode.VALIDATION_ERROR, "Wrong size", detail)
        if self._request.sha256 is not None and self._request.sha256.lower() != sha256:
            raise Invalid(ErrorCode.VALIDATION_ERROR, "Wrong checksum", f"sha256: the bytes that came have {sha256}.")


def too_large(limits: Limits) -> TooLarge:
    """The refusal of a file over the limit."""
    mebibytes = limits.max_file_bytes / 1024**2
    return TooLarge(ErrorCode.FILE_TOO_LARGE, "File too large", f"The limit is {mebibytes:g} MiB.")


def disk_full() -> Unavailable:
    """The refusal when the disk has no room."""
    return Unavailable(ErrorCode.INSUFFICIENT_STORAGE, "Not enough storage", "There is no room for this file now.")

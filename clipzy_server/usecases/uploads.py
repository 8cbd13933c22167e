"""One upload in one go: bytes are spooled as they come, and only finish() makes a video of them."""

import hashlib
from dataclasses import replace

from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.domain.owner import Owner
from clipzy_server.domain.video import Video
from clipzy_server.usecases.intake import Intake, Received
from clipzy_server.usecases.requests import UploadRequest


class UploadSink:
    """Where a caller's bytes go: write() any number of times, describe() in between, then finish() or abort()."""

    def __init__(
        self,
        intake: Intake,
        owner: Owner,
        request: UploadRequest,
        room_bytes: int | None,
        idempotency_key: str | None,
    ) -> None:
        self._intake = intake
        self._owner = owner
        self._request = request
        self._room_bytes = room_bytes
        self._idempotency_key = idempotency_key
        self._sha256 = hashlib.sha256()
        self._spool = intake.new_spool(self._sha256)

    @property
    def size_bytes(self) -> int:
        """Bytes taken so far."""
        return self._spool.size_bytes

    async def write(self, chunk: bytes) -> None:
        """Append; raises TooLarge or Exhausted as soon as a limit is passed, Unavailable when there is no room."""
        declared = self._request.size_bytes
        size_bytes = self._spool.size_bytes + len(chunk)
        if declared is not None and size_bytes > declared:
            raise more_than_announced(declared)
        if self._room_bytes is not None and size_bytes > self._room_bytes:
            raise self._intake.over_quota()
        await self._spool.write(chunk)

    async def describe(self, *, template_video_id: str | None = None, webhook_url: str | None = None) -> None:
        """Fill in what came after the file; raises as `Videos.begin` does."""
        self._request = replace(
            self._request,
            template_video_id=template_video_id or self._request.template_video_id,
            webhook_url=webhook_url or self._request.webhook_url,
        )
        await self._intake.check_companions(self._owner, self._request)

    async def finish(self) -> Video:
        """Check, probe and store; only now the video exists. Raises Invalid for what is no acceptable video."""
        try:
            await self._spool.close()
            received = Received(self._spool.path, self._spool.size_bytes, self._sha256.hexdigest())
            verify(self._request, received)
            return await self._intake.store(self._owner, self._request, received, idempotency_key=self._idempotency_key)
        finally:
            await self._spool.discard()

    async def abort(self) -> None:
        """Forget everything; harmless after finish()."""
        await self._spool.discard()


def verify(request: UploadRequest, received: Received) -> None:
    """Raises Invalid where something else came than was announced."""
    if received.size_bytes == 0:
        raise empty_file()
    if request.size_bytes not in (None, received.size_bytes):
        detail = f"{received.size_bytes} bytes came, {request.size_bytes} were announced."
        raise Invalid(ErrorCode.VALIDATION_ERROR, "Wrong size", detail)
    if request.sha256 is not None and request.sha256.lower() != received.sha256:
        detail = f"sha256: the bytes that came have {received.sha256}."
        raise Invalid(ErrorCode.VALIDATION_ERROR, "Wrong checksum", detail)


def more_than_announced(size_bytes: int) -> Invalid:
    """The refusal of the first byte too many."""
    return Invalid(ErrorCode.VALIDATION_ERROR, "Wrong size", f"More than the {size_bytes} bytes announced.")


def empty_file() -> Invalid:
    """The refusal of a file without a byte."""
    return Invalid(ErrorCode.VALIDATION_ERROR, "Empty file", "file: the file is empty.")

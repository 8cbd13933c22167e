"""The bytes of one request on their way into a resumable upload.

They are written as pieces. A piece counts once it is durable and recorded; locally it then goes on growing, on S3 the
next one begins. Recording names the writer, so a request that another one has superseded can do no harm: it writes to
pieces of its own, and recording them is refused.
"""

import asyncio
import hashlib
import secrets
from dataclasses import dataclass, replace

from clipzy_server.domain.errors import Conflict, ErrorCode, Invalid
from clipzy_server.domain.upload import Piece, Upload
from clipzy_server.store import uploads
from clipzy_server.store.blobs import Blobs
from clipzy_server.store.database import Database
from clipzy_server.usecases.requests import Limits
from clipzy_server.usecases.spool import Spool
from clipzy_server.usecases.uploads import more_than_announced

CHECKSUM_ALGORITHMS = ("sha1", "sha256", "md5")
STEP_BYTES = 8 * 1024 * 1024
"""A request that is killed loses less than two such steps; one that only breaks off loses nothing."""


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of a request must have; `algorithm` is one of CHECKSUM_ALGORITHMS."""

    algorithm: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class _Growing:
    start_bytes: int
    key: str
    spool: Spool

    @property
    def piece(self) -> Piece:
        return Piece(self.start_bytes, self.spool.size_bytes, self.key)


class Appending:
    """write() any number of times, then end(); close() in any case, which keeps what came before a break.

    With a checksum nothing counts before all of it was verified.
    """

    def __init__(
        self, upload: Upload, database: Database, blobs: Blobs, limits: Limits, checksum: Checksum | None = None
    ) -> None:
        self.upload = upload
        self.writer = secrets.token_hex(16)
        self._database = database
        self._blobs = blobs
        self._limits = limits
        self._checksum = checksum
        self._digest = _digest_for(upload, checksum)
        self._growing: _Growing | None = None
        self._last: Piece | None = None
        self._counting: asyncio.Future[None] | None = None
        self._offset_bytes = upload.offset_bytes

    @property
    def sha256(self) -> str | None:
        """Of the whole file, once end() was reached; None where that must still be read from the pieces."""
        return None if self._checksum or self._digest is None else self._digest.hexdigest()

    async def take_over(self) -> None:
        """Become the upload's writer; raises Conflict when it has changed since it was read."""
        async with self._database.transaction() as connection:
            if not await uploads.take_over(connection, self.upload, self.writer):
                raise superseded()

    async def write(self, chunk: bytes) -> None:
        """Append; raises Invalid for more than announced, Conflict when superseded, Unavailable without room."""
        if self._offset_bytes + len(chunk) > self.upload.size_bytes:
            raise more_than_announced(self.upload.size_bytes)
        if not chunk:
            return
        growing = self._growing = self._growing or self._begin_piece()
        await growing.spool.write(chunk)
        self._offset_bytes += len(chunk)
        counted = self._last.size_bytes if self._last and self._last.blob_key == growing.key else 0
        if self._checksum is None and growing.spool.size_bytes - counted >= STEP_BYTES:
            await self._step()

    async def end(self) -> Piece | None:
        """The request is complete; gives the piece that completes the whole file, None while more must come.

        Raises Invalid (CHECKSUM_MISMATCH), and what write() raises.
        """
        if self._growing is not None:
            await self._growing.spool.drain()
        if self._checksum and self._digest and self._digest.digest() != self._checksum.digest:
            detail = f"Upload-Checksum: the bytes that came have another {self._checksum.algorithm}."
            raise Invalid(ErrorCode.CHECKSUM_MISMATCH, "Wrong checksum", detail)
        await self._step()
        await self._settle()
        return self._last if self._offset_bytes == self.upload.size_bytes else None

    async def close(self) -> None:
        """Count what came, where that is still allowed, and let go of the files."""
        # Whoever called is gone, or was told what is wrong.
        await asyncio.gather(self._settle() if self._checksum else self._keep(), return_exceptions=True)
        if self._growing is not None:
            is_counted = self._last is not None and self._last.blob_key == self._growing.key
            await (self._growing.spool.abandon() if is_counted else self._growing.spool.discard())

    async def _keep(self) -> None:
        await self._step()
        await self._settle()

    def _begin_piece(self) -> _Growing:
        key = f"{prefix(self.upload.upload_id)}/{self._offset_bytes:020}-{secrets.token_hex(8)}"
        spool = Spool(self._blobs.growing_path(key), self._blobs, self._limits, self._digest)
        return _Growing(self._offset_bytes, key, spool)

    async def _step(self) -> None:
        """Begin to count what came so far; receiving goes on meanwhile."""
        await self._settle()
        growing = self._growing
        if growing is None or growing.piece == self._last:
            return
        await growing.spool.drain()
        self._last = growing.piece
        if not self._blobs.is_local:
            await growing.spool.close()
            self._growing = None
        self._counting = asyncio.ensure_future(self._count(growing.spool, growing.piece))

    async def _settle(self) -> None:
        if self._counting is not None:
            # It is not cancelled with the caller; close() waits for its end.
            await asyncio.shield(self._counting)
            self._counting = None

    async def _count(self, spool: Spool, piece: Piece) -> None:
        try:
            await self._blobs.persist(piece.blob_key, spool.path)
        except FileNotFoundError as error:
            raise superseded() from error
        finally:
            if not self._blobs.is_local:
                await spool.discard()
        # The last byte counts only together with the video: a finishing that is cut short is asked for again.
        counted = min(piece.size_bytes, self.upload.size_bytes - 1 - piece.start_bytes)
        async with self._database.transaction() as connection:
            recorded = replace(piece, size_bytes=counted)
            if not await uploads.record_piece(connection, self.upload.upload_id, self.writer, recorded):
                raise superseded()


def _digest_for(upload: Upload, checksum: Checksum | None) -> "hashlib._Hash | None":
    """What the request is checked by; else, where it may bring the whole file, what names that file."""
    if checksum is not None:
        return hashlib.new(checksum.algorithm, usedforsecurity=False)
    return hashlib.sha256() if upload.offset_bytes == 0 else None


def prefix(upload_id: str) -> str:
    """Where the pieces of an upload lie."""
    return f"uploads/{upload_id}"


def superseded() -> Conflict:
    """Another request has taken the upload over, or it is gone."""
    detail = "Another request goes on with this upload; ask for its offset."
    return Conflict(ErrorCode.UPLOAD_OFFSET_CONFLICT, "Upload taken over", detail)

"""Resumable uploads: begun, appended to over any number of requests and processes, and in the end a video."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain.errors import Conflict, ErrorCode, Invalid, NotFound
from clipzy_server.domain.ids import new_id
from clipzy_server.domain.owner import Owner
from clipzy_server.domain.upload import Piece, Upload
from clipzy_server.domain.video import Video
from clipzy_server.store import uploads
from clipzy_server.store.blobs import Blobs
from clipzy_server.store.database import Database
from clipzy_server.usecases.appending import Appending, Checksum, prefix, superseded
from clipzy_server.usecases.filenames import shown_name
from clipzy_server.usecases.idempotent import Once, create_once
from clipzy_server.usecases.intake import Intake, Received, SandboxRunner
from clipzy_server.usecases.quotas import check_bytes
from clipzy_server.usecases.requests import Limits, UploadRequest
from clipzy_server.usecases.uploads import empty_file, verify


class ResumableUploads:
    """What one may do with them. Unknown, expired and other people's ids answer the same: UPLOAD_NOT_FOUND."""

    def __init__(self, database: Database, blobs: Blobs, sandbox: SandboxRunner, limits: Limits) -> None:
        self._database = database
        self._blobs = blobs
        self._limits = limits
        self._intake = Intake(database, blobs, sandbox, limits)

    @property
    def max_file_bytes(self) -> int:
        """The most a file may have."""
        return self._limits.max_file_bytes

    async def start(
        self,
        owner: Owner,
        request: UploadRequest,
        *,
        idempotency_key: str | None = None,
        tus_metadata: str | None = None,
    ) -> Upload:
        """A new upload, whose `size_bytes` must be known; raises as `Intake.admit` does."""
        if request.size_bytes is None or request.size_bytes <= 0:
            raise empty_file()
        await self._intake.admit(owner, request)
        upload = Upload(
            upload_id=new_id("upl"),
            owner_id=owner.owner_id,
            filename=shown_name(request.filename),
            size_bytes=request.size_bytes,
            offset_bytes=0,
            expires_at=datetime.now(UTC) + timedelta(seconds=self._limits.upload_ttl_s),
            sha256=request.sha256,
            template_video_id=request.template_video_id,
            webhook_url=request.webhook_url,
            tus_metadata=tus_metadata,
        )

        async def insert(connection: AsyncConnection) -> Upload:
            await uploads.insert_upload(connection, upload)
            await check_bytes(connection, owner.owner_id, self._limits)
            return upload

        once = Once(owner.owner_id, "start_upload", idempotency_key, request, self._limits.idempotency_ttl_s)
        return await create_once(self._database, once, Upload, insert)

    async def get(self, owner: Owner, upload_id: str) -> Upload:
        """The upload as it stands; raises NotFound."""
        async with self._database.reading() as connection:
            found = await uploads.find_upload(connection, owner.owner_id, upload_id)
        if found is None:
            raise upload_not_found(upload_id)
        return found

    @asynccontextmanager
    async def appending(
        self, owner: Owner, upload_id: str, offset_bytes: int, checksum: Checksum | None = None
    ) -> AsyncIterator[Appending]:
        """Append from `offset_bytes` on while the block runs, which ends with `finish()`.

        Raises NotFound, Conflict (UPLOAD_OFFSET_CONFLICT) for any offset but the upload's own, Unavailable
        (INSUFFICIENT_STORAGE). A request that was appending already is superseded.
        """
        upload = await self.get(owner, upload_id)
        if offset_bytes != upload.offset_bytes or upload.video_id is not None:
            raise _wrong_offset(upload, offset_bytes)
        self._intake.require_room(upload.size_bytes - offset_bytes)
        appending = Appending(upload, self._database, self._blobs, self._limits, checksum)
        await appending.take_over()
        try:
            yield appending
        finally:
            await asyncio.shield(appending.close())

    async def finish(self, owner: Owner, appending: Appending) -> Upload:
        """Count all that came; when that completes the file, make a video of it.

        Raises Invalid (CHECKSUM_MISMATCH), or as `Intake.store` does; a file that is no acceptable video is forgotten.
        """
        last = await appending.end()
        if last is None:
            return await self.get(owner, appending.upload.upload_id)
        try:
            return await self._become_video(owner, appending, last)
        except Invalid:
            async with self._database.transaction() as connection:
                is_mine = await uploads.delete_written(connection, appending.upload.upload_id, appending.writer)
            if is_mine:
                await self._blobs.delete_prefix(prefix(appending.upload.upload_id))
            raise

    async def terminate(self, owner: Owner, upload_id: str) -> None:
        """Forget the upload; a video that it has become stays. Raises NotFound."""
        async with self._database.transaction() as connection:
            if not await uploads.delete_upload(connection, owner.owner_id, upload_id):
                raise upload_not_found(upload_id)
        await self._blobs.delete_prefix(prefix(upload_id))

    async def _become_video(self, owner: Owner, appending: Appending, last: Piece) -> Upload:
        upload = appending.upload
        async with self._database.reading() as connection:
            pieces = (*await uploads.list_pieces(connection, upload.upload_id, last.start_bytes), last)
        if len(pieces) > 1:
            self._intake.require_room(upload.size_bytes)
        path = self._blobs.staged_path()
        try:
            await self._join(upload, pieces, path)
            sha256 = appending.sha256
            if sha256 is None:
                sha256 = await asyncio.to_thread(_sha256_of, path)
            received, request = Received(path, upload.size_bytes, sha256), _request_of(upload)
            verify(request, received)
            also = partial(_hand_over, appending)
            video = await self._intake.store(owner, request, received, also=also)
        finally:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        await self._blobs.delete_prefix(prefix(upload.upload_id))
        return replace(upload, offset_bytes=upload.size_bytes, video_id=video.video_id)

    async def _join(self, upload: Upload, pieces: tuple[Piece, ...], path: Path) -> None:
        try:
            await self._blobs.join([(piece.blob_key, piece.size_bytes) for piece in pieces], path)
        except FileNotFoundError as error:
            async with self._database.reading() as connection:
                found = await uploads.find_upload(connection, upload.owner_id, upload.upload_id)
            if found is None or found.video_id is not None:
                # Another request has finished it or removed it, and the pieces with it.
                raise superseded() from error
            raise


async def _hand_over(appending: Appending, connection: AsyncConnection, video: Video) -> None:
    if not await uploads.finish_upload(connection, appending.upload, appending.writer, video.video_id):
        raise superseded()


def _request_of(upload: Upload) -> UploadRequest:
    return UploadRequest(
        upload.filename, upload.size_bytes, upload.sha256, upload.template_video_id, upload.webhook_url
    )


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _wrong_offset(upload: Upload, given: int) -> Conflict:
    finished = f" and has become {upload.video_id}" if upload.video_id else ""
    detail = f"The upload is at {upload.offset_bytes}{finished}; {given} was given."
    return Conflict(ErrorCode.UPLOAD_OFFSET_CONFLICT, "Wrong offset", detail)


def upload_not_found(upload_id: str) -> NotFound:
    """Unknown, expired, or somebody else's."""
    return NotFound(ErrorCode.UPLOAD_NOT_FOUND, "Upload not found", f"There is no upload {upload_id}.")

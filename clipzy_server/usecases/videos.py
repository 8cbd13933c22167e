"""Videos: upload, look up, list, delete."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain import codec
from clipzy_server.domain.errors import Conflict, ErrorCode, Invalid, NotFound, StageFailed, Unavailable
from clipzy_server.domain.ids import new_id
from clipzy_server.domain.owner import Owner
from clipzy_server.domain.page import Page, PageRequest
from clipzy_server.domain.video import Video, VideoMetadata
from clipzy_server.store import videos
from clipzy_server.store.blobs import Blobs
from clipzy_server.store.database import Database
from clipzy_server.usecases.filenames import shown_name, stored_name
from clipzy_server.usecases.idempotent import Once, create_once
from clipzy_server.usecases.requests import Limits, UploadRequest
from clipzy_server.usecases.uploads import Spool, UploadSink, disk_full, too_large
from clipzy_server.usecases.webhook_rules import check_webhook_url


class SandboxRunner(Protocol):
    """What is needed of `media.sandbox.Sandbox`: run a function on plain values in a boxed child."""

    async def run(self, function: str, payload: dict[str, Any]) -> dict[str, Any]:
        """The function's answer; raises the ClipzyError it raised, or StageFailed when the child died."""
        ...


class Videos:
    """What one may do with videos. Unknown and other people's ids answer the same: VIDEO_NOT_FOUND."""

    def __init__(self, database: Database, blobs: Blobs, sandbox: SandboxRunner, limits: Limits) -> None:
        self._database = database
        self._blobs = blobs
        self._sandbox = sandbox
        self._limits = limits

    async def begin(self, owner: Owner, request: UploadRequest, idempotency_key: str | None = None) -> UploadSink:
        """Take an upload up.

        Raises TooLarge, Unavailable (INSUFFICIENT_STORAGE) by the announced size, NotFound for an unknown template,
        Invalid for a bad webhook URL; all before the first byte is taken.
        """
        await self._check(owner, request)
        size_bytes = request.size_bytes or 0
        if size_bytes > self._limits.max_file_bytes:
            raise too_large(self._limits)
        if self._blobs.free_bytes() < size_bytes + self._limits.free_disk_reserve_bytes:
            raise disk_full()
        spool = Spool(self._blobs, self._limits)
        return UploadSink(request, spool, partial(self._check, owner), partial(self._finish, owner, idempotency_key))

    async def get(self, owner: Owner, video_id: str) -> Video:
        """The video; raises NotFound."""
        async with self._database.reading() as connection:
            found = await videos.find_video(connection, owner.owner_id, video_id)
        if found is None:
            raise video_not_found(video_id)
        return found

    async def list(self, owner: Owner, page: PageRequest) -> Page[Video]:
        """A page of the owner's videos, newest first."""
        async with self._database.reading() as connection:
            return await videos.list_videos(connection, owner.owner_id, page)

    async def delete(self, owner: Owner, video_id: str) -> None:
        """Delete the video and, with the last row that shares them, its bytes.

        Raises NotFound, Conflict (VIDEO_IN_USE) while an active job needs it.
        """
        video = await self.get(owner, video_id)
        async with self._database.transaction() as connection:
            await videos.lock_content(connection, owner.owner_id, video.sha256)
            if await videos.take_video(connection, owner.owner_id, video_id) is None:
                raise video_not_found(video_id)
            if await videos.is_in_use(connection, video_id):
                raise Conflict(ErrorCode.VIDEO_IN_USE, "Video in use", f"An active job needs {video_id}.")
            await videos.delete_video(connection, video_id)
            is_last = await videos.count_blob_users(connection, video.blob_key) == 0
        # After the commit: bytes without a row are litter, a row without bytes would be a loss.
        if is_last:
            await self._blobs.delete(video.blob_key)

    async def _check(self, owner: Owner, request: UploadRequest) -> None:
        if request.webhook_url is not None:
            check_webhook_url(request.webhook_url, allow_private=self._limits.allow_private_webhooks)
        if request.template_video_id is not None:
            await self.get(owner, request.template_video_id)

    async def _finish(
        self, owner: Owner, idempotency_key: str | None, request: UploadRequest, spool: Spool, sha256: str
    ) -> Video:
        asked = (request, spool.size_bytes, sha256)
        once = Once(owner.owner_id, "upload_video", idempotency_key, asked, self._limits.idempotency_ttl_s)
        metadata = await self._probe(spool, shown_name(request.filename))
        video_id = new_id("vid")
        filename = shown_name(request.filename)
        video = Video(
            video_id=video_id,
            owner_id=owner.owner_id,
            filename=filename,
            file_size_bytes=spool.size_bytes,
            metadata=metadata,
            uploaded_at=datetime.now(UTC),
            storage_url="",
            sha256=sha256,
            blob_key=f"{video_id}/{stored_name(filename)}",
            template_video_id=request.template_video_id,
            webhook_url=request.webhook_url,
        )
        try:
            return await create_once(self._database, once, Video, partial(self._store, video, spool))
        except BaseException:
            await self._forget_unused(video)
            raise

    async def _probe(self, spool: Spool, filename: str) -> VideoMetadata:
        payload = {"path": str(spool.path), "filename": filename}
        try:
            async with asyncio.timeout(self._limits.probe_timeout_s):
                found = await self._sandbox.run("clipzy_server.media.probe:probe_task", payload)
        except TimeoutError as error:
            raise Invalid(ErrorCode.CORRUPT_VIDEO, "Corrupt video", "Probing the file took too long.") from error
        except StageFailed as error:
            raise Invalid(ErrorCode.CORRUPT_VIDEO, "Corrupt video", "The file broke its probe.") from error
        return codec.from_plain(VideoMetadata, found)

    async def _store(self, video: Video, spool: Spool, connection: AsyncConnection) -> Video:
        await videos.lock_content(connection, video.owner_id, video.sha256)
        same = await videos.find_content(connection, video.owner_id, video.sha256)
        if same is None:
            await self._blobs.put_file(video.blob_key, spool.path)
        else:
            video = replace(video, blob_key=same.blob_key)
        shown_key = f"{video.video_id}/{stored_name(video.filename)}" if self._blobs.is_local else video.blob_key
        video = replace(video, storage_url=self._blobs.url(shown_key))
        await videos.insert_video(connection, video)
        return video

    async def _forget_unused(self, video: Video) -> None:
        """Delete the bytes that a failed upload may have published, unless its row came through after all."""
        # Without a database the bytes stay, as litter; the caller is told of the first failure, not of this one.
        with suppress(Unavailable):
            async with self._database.transaction() as connection:
                # A lost connection may still be committing; the lock waits for its end.
                await videos.lock_content(connection, video.owner_id, video.sha256)
                if await videos.count_blob_users(connection, video.blob_key) == 0:
                    await self._blobs.delete(video.blob_key)


def video_not_found(video_id: str) -> NotFound:
    """Unknown, or somebody else's."""
    return NotFound(ErrorCode.VIDEO_NOT_FOUND, "Video not found", f"There is no video {video_id}.")

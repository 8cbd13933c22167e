"""What every upload passes, however its bytes come: the rules before the first byte, and how they become a video."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain import codec
from clipzy_server.domain.errors import ErrorCode, Exhausted, Invalid, NotFound, StageFailed, Unavailable
from clipzy_server.domain.ids import new_id
from clipzy_server.domain.owner import Owner
from clipzy_server.domain.video import Video, VideoMetadata
from clipzy_server.media.confinement import View
from clipzy_server.media.sandbox_limits import ChildDied
from clipzy_server.store import videos
from clipzy_server.store.blobs import Blobs
from clipzy_server.store.database import Database
from clipzy_server.usecases.filenames import shown_name, stored_name
from clipzy_server.usecases.idempotent import Once, create_once
from clipzy_server.usecases.quotas import bytes_exceeded, check_bytes, room_for_bytes
from clipzy_server.usecases.requests import Limits, UploadRequest
from clipzy_server.usecases.spool import Digest, Spool, disk_full, too_large
from clipzy_server.usecases.webhook_rules import check_webhook_url

PROBE = "clipzy_server.media.probe:probe_task"
PROBE_ATTEMPTS = 3

Also = Callable[[AsyncConnection, Video], Awaitable[None]]
"""What else happens in the transaction that stores a video."""


class SandboxRunner(Protocol):
    """What is needed of `media.sandbox.Sandbox`: run a function on plain values in a boxed child."""

    async def run(self, function: str, payload: dict[str, Any], *, view: View) -> dict[str, Any]:
        """The function's answer; it sees the files of `view` alone.

        Raises the ClipzyError that it raised, or StageFailed when the child died.
        """
        ...


@dataclass(frozen=True, slots=True)
class Received:
    """A whole file in the staging folder. `sha256` is of its bytes, in hexadecimal."""

    path: Path
    size_bytes: int
    sha256: str


class Intake:
    """The one door for videos: `admit` knows the size announced, `store` the size that came."""

    def __init__(self, database: Database, blobs: Blobs, sandbox: SandboxRunner, limits: Limits) -> None:
        self._database = database
        self._blobs = blobs
        self._sandbox = sandbox
        self._limits = limits

    async def admit(self, owner: Owner, request: UploadRequest) -> int | None:
        """May these bytes come at all? Gives how many the owner's quota has room for; None: it has no quota.

        Raises TooLarge, Unavailable (INSUFFICIENT_STORAGE), Exhausted (QUOTA_EXCEEDED) by the announced size, NotFound
        for an unknown template, Invalid for a bad webhook URL.
        """
        await self.check_companions(owner, request)
        size_bytes = request.size_bytes or 0
        if size_bytes > self._limits.max_file_bytes:
            raise too_large(self._limits)
        self.require_room(size_bytes)
        async with self._database.reading() as connection:
            room_bytes = await room_for_bytes(connection, owner.owner_id, self._limits)
        if room_bytes is not None and size_bytes > room_bytes:
            raise self.over_quota()
        return room_bytes

    def new_spool(self, digest: Digest) -> Spool:
        """Where a file grows whose bytes come in one go."""
        return Spool(self._blobs.staged_path(), self._blobs, self._limits, digest)

    def over_quota(self) -> Exhausted:
        """The refusal of bytes that the owner's quota has no room for."""
        return bytes_exceeded(self._limits)

    def require_room(self, size_bytes: int) -> None:
        """Raises Unavailable (INSUFFICIENT_STORAGE) when so many bytes more would eat into the reserve."""
        if self._blobs.free_bytes() < size_bytes + self._limits.free_disk_reserve_bytes:
            raise disk_full()

    async def check_companions(self, owner: Owner, request: UploadRequest) -> None:
        """Raises NotFound for an unknown template, Invalid for a bad webhook URL."""
        if request.webhook_url is not None:
            check_webhook_url(request.webhook_url, allow_private=self._limits.allow_private_webhooks)
        if request.template_video_id is not None:
            template = await videos.find_video(self._database, owner.owner_id, request.template_video_id)
            if template is None:
                raise video_not_found(request.template_video_id)

    async def store(
        self,
        owner: Owner,
        request: UploadRequest,
        received: Received,
        *,
        idempotency_key: str | None = None,
        also: Also | None = None,
    ) -> Video:
        """Probe the file and make a video of it; `received.path` may be gone afterwards.

        Raises Invalid for what is no acceptable video, Conflict (IDEMPOTENCY_KEY_REUSED), Exhausted (QUOTA_EXCEEDED),
        and whatever `also` raises.
        """
        asked = (request, received.size_bytes, received.sha256)
        once = Once(owner.owner_id, "upload_video", idempotency_key, asked, self._limits.idempotency_ttl_s)
        metadata = await self._probe(received.path, shown_name(request.filename))
        video = _new_video(owner, request, received, metadata)
        try:
            return await create_once(self._database, once, Video, partial(self._insert, video, received, also))
        except BaseException:
            await self._forget_unused(video)
            raise

    async def _probe(self, path: Path, filename: str) -> VideoMetadata:
        payload = {"path": str(path), "filename": filename}
        view = View(reads=(str(path),))
        try:
            async with asyncio.timeout(self._limits.probe_timeout_s):
                found = await self._survive(payload, view)
        except TimeoutError as error:
            raise Invalid(ErrorCode.CORRUPT_VIDEO, "Corrupt video", "Probing the file took too long.") from error
        except StageFailed as error:
            raise Invalid(ErrorCode.CORRUPT_VIDEO, "Corrupt video", "The file broke its probe.") from error
        return codec.from_plain(VideoMetadata, found)

    async def _survive(self, payload: dict[str, Any], view: View) -> dict[str, Any]:
        """Probe again when something outside ended the probe: that says nothing of the file."""
        for _ in range(PROBE_ATTEMPTS - 1):
            try:
                return await self._sandbox.run(PROBE, payload, view=view)
            except ChildDied as death:
                if not death.by_chance:
                    raise
        return await self._sandbox.run(PROBE, payload, view=view)

    async def _insert(self, video: Video, received: Received, also: Also | None, connection: AsyncConnection) -> Video:
        await videos.lock_content(connection, video.owner_id, video.sha256)
        same = await videos.find_content(connection, video.owner_id, video.sha256)
        if same is None:
            await self._blobs.put_file(video.blob_key, received.path)
        else:
            video = replace(video, blob_key=same.blob_key)
        shown_key = f"{video.video_id}/{stored_name(video.filename)}" if self._blobs.is_local else video.blob_key
        video = replace(video, storage_url=self._blobs.url(shown_key))
        await videos.insert_video(connection, video)
        if also is not None:
            await also(connection, video)
        await check_bytes(connection, video.owner_id, self._limits)
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


def _new_video(owner: Owner, request: UploadRequest, received: Received, metadata: VideoMetadata) -> Video:
    video_id, filename = new_id("vid"), shown_name(request.filename)
    return Video(
        video_id=video_id,
        owner_id=owner.owner_id,
        filename=filename,
        file_size_bytes=received.size_bytes,
        metadata=metadata,
        uploaded_at=datetime.now(UTC),
        storage_url="",
        sha256=received.sha256,
        blob_key=f"{video_id}/{stored_name(filename)}",
        template_video_id=request.template_video_id,
        webhook_url=request.webhook_url,
    )


def video_not_found(video_id: str) -> NotFound:
    """Unknown, or somebody else's."""
    return NotFound(ErrorCode.VIDEO_NOT_FOUND, "Video not found", f"There is no video {video_id}.")

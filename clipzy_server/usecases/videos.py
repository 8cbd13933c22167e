"""Videos: upload, look up, list, delete."""

from clipzy_server.domain.errors import Conflict, ErrorCode
from clipzy_server.domain.owner import Owner
from clipzy_server.domain.page import Page, PageRequest
from clipzy_server.domain.video import Video
from clipzy_server.store import videos
from clipzy_server.store.blobs import Blobs
from clipzy_server.store.content_types import content_type_of
from clipzy_server.store.database import Database
from clipzy_server.usecases.files import StoredFile
from clipzy_server.usecases.intake import Intake, SandboxRunner, video_not_found
from clipzy_server.usecases.requests import Limits, UploadRequest
from clipzy_server.usecases.uploads import UploadSink


class Videos:
    """What one may do with videos. Unknown and other people's ids answer the same: VIDEO_NOT_FOUND."""

    def __init__(self, database: Database, blobs: Blobs, sandbox: SandboxRunner, limits: Limits) -> None:
        self._database = database
        self._blobs = blobs
        self._limits = limits
        self._intake = Intake(database, blobs, sandbox, limits)

    async def begin(self, owner: Owner, request: UploadRequest, idempotency_key: str | None = None) -> UploadSink:
        """Take an upload up; raises as `Intake.admit` does, before the first byte is taken."""
        room_bytes = await self._intake.admit(owner, request)
        return UploadSink(self._intake, owner, request, room_bytes, idempotency_key)

    async def get(self, owner: Owner, video_id: str) -> Video:
        """The video; raises NotFound."""
        found = await videos.find_video(self._database, owner.owner_id, video_id)
        if found is None:
            raise video_not_found(video_id)
        return found

    async def file(self, owner: Owner, video_id: str) -> StoredFile:
        """Its bytes as they were uploaded; raises NotFound."""
        video = await self.get(owner, video_id)
        name = f"{video_id}.{video.metadata.format}"
        return StoredFile(name, video.file_size_bytes, video.sha256, content_type_of(name), self._blobs, video.blob_key)

    async def list(self, owner: Owner, page: PageRequest) -> Page[Video]:
        """A page of the owner's videos, newest first."""
        return await videos.list_videos(self._database, owner.owner_id, page)

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

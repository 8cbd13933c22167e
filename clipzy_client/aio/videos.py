"""Videos: footage and templates alike."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

from clipzy.v1 import video_service_pb2 as wire
from clipzy.v1 import video_service_pb2_grpc
from clipzy_client.aio.calls import AsyncCalls
from clipzy_client.aio.uploads import AsyncResumableUpload, AsyncUploadCall
from clipzy_client.convert import video_from
from clipzy_client.types import Page, Progress, Video

RESUMABLE_BYTES = 16 << 20
"""Larger files are uploaded so that they can go on after a break."""


class AsyncVideos:
    """What one may do with videos."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls
        self._stub = video_service_pb2_grpc.VideoServiceStub(calls.channel)  # type: ignore[no-untyped-call]

    async def upload(
        self,
        path: Path | str,
        *,
        template_video_id: str | None = None,
        webhook_url: str | None = None,
        progress: Progress | None = None,
        resume_key: str = "",
    ) -> Video:
        """Uploads a file in chunks; memory does not grow with it.

        Files over 16 MiB go on after a lost connection from where the server has them. With a `resume_key` every file
        does, and it also goes on with what an earlier call of the same key and arguments, up to a day ago, has left
        unfinished. `progress` is called with bytes done and bytes in all, by a thread of gRPC's where calls block.
        """
        path = Path(path)
        header = wire.UploadVideoHeader(
            filename=path.name,
            size_bytes=path.stat().st_size,
            template_video_id=template_video_id,
            webhook_url=webhook_url,
            request_id=secrets.token_hex(16),
        )
        call = AsyncUploadCall(self._stub, self._calls, path, progress)
        if resume_key or header.size_bytes > RESUMABLE_BYTES:
            return video_from(await AsyncResumableUpload(call, header, resume_key).run())
        return video_from(await call.whole(header))

    async def get(self, video_id: str) -> Video:
        """The video; VideoNotFound."""
        answer = await self._calls.answer(self._stub.GetVideo, wire.GetVideoRequest(video_id=video_id))
        return video_from(answer.video)

    async def page(self, page: int = 1, page_size: int = 10) -> Page[Video]:
        """One page of videos, newest first."""
        answer = await self._calls.answer(self._stub.ListVideos, wire.ListVideosRequest(page=page, page_size=page_size))
        return Page(tuple(map(video_from, answer.videos)), answer.total, answer.page, answer.page_size)

    def list(self) -> AsyncIterator[Video]:
        """All videos, newest first."""
        return self._calls.every(self.page, lambda video: video.video_id)

    async def delete(self, video_id: str) -> None:
        """Forgets the video; VideoNotFound, VideoInUse while a job needs it."""
        request = wire.DeleteVideoRequest(video_id=video_id)
        await self._calls.answer(self._stub.DeleteVideo, request, repeatable=False)

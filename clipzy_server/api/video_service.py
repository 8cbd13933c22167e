"""VideoService: uploads as client streams, and what was uploaded."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from typing_extensions import override

from clipzy.v1 import video_service_pb2 as wire
from clipzy.v1.video_service_pb2_grpc import VideoServiceServicer
from clipzy_server.api.fields import missing, required
from clipzy_server.api.paging import page_request
from clipzy_server.api.video_messages import upload_request, video_message
from clipzy_server.domain.errors import ClipzyError, ErrorCode, Invalid
from clipzy_server.transport.call import current_owner
from clipzy_server.usecases.uploads import UploadSink
from clipzy_server.usecases.videos import Videos

MAX_CHUNK_BYTES = 1024 * 1024

Context = Any  # grpc.aio.ServicerContext, whose messages the published stubs leave untyped
Parts = AsyncIterator[wire.UploadVideoRequest]


class VideoService(VideoServiceServicer):
    """The calls of clipzy.v1.VideoService on the use cases of videos."""

    def __init__(self, videos: Videos) -> None:
        self._videos = videos

    @override
    async def UploadVideo(self, request_iterator: Parts, context: Context) -> wire.UploadVideoResponse:
        header = await _header(request_iterator)
        request = upload_request(header)
        sink = await self._videos.begin(current_owner(), request, header.request_id or None)
        try:
            await _fill(sink, request_iterator)
            # The stream of a caller who is gone can end like a finished one; sending to it fails then.
            await context.send_initial_metadata(())
            video = await sink.finish()
        except BaseException:
            await asyncio.shield(sink.abort())
            raise
        return wire.UploadVideoResponse(video=video_message(video))

    @override
    async def StartUpload(self, request: wire.StartUploadRequest, context: Context) -> wire.StartUploadResponse:
        raise _not_yet("Resumable uploads")

    @override
    async def GetUpload(self, request: wire.GetUploadRequest, context: Context) -> wire.GetUploadResponse:
        raise _not_yet("Resumable uploads")

    @override
    async def GetVideo(self, request: wire.GetVideoRequest, context: Context) -> wire.GetVideoResponse:
        video = await self._videos.get(current_owner(), required(request.video_id, "video_id"))
        return wire.GetVideoResponse(video=video_message(video))

    @override
    async def ListVideos(self, request: wire.ListVideosRequest, context: Context) -> wire.ListVideosResponse:
        page = await self._videos.list(current_owner(), page_request(request.page, request.page_size))
        return wire.ListVideosResponse(
            videos=map(video_message, page.items), total=page.total, page=page.page, page_size=page.page_size
        )

    @override
    async def DeleteVideo(self, request: wire.DeleteVideoRequest, context: Context) -> wire.DeleteVideoResponse:
        await self._videos.delete(current_owner(), required(request.video_id, "video_id"))
        return wire.DeleteVideoResponse()


async def _header(parts: Parts) -> wire.UploadVideoHeader:
    first = await anext(parts, None)
    if first is None or first.WhichOneof("part") != "header":
        raise missing("header, as the first message,")
    if first.header.HasField("upload_id"):
        raise _not_yet("Resumable uploads")
    return first.header


async def _fill(sink: UploadSink, parts: Parts) -> None:
    async for part in parts:
        if part.WhichOneof("part") != "chunk":
            raise Invalid(ErrorCode.VALIDATION_ERROR, "Invalid upload", "part: after the header only chunks may come")
        if len(part.chunk) > MAX_CHUNK_BYTES:
            detail = f"chunk: {len(part.chunk)} bytes, at most {MAX_CHUNK_BYTES} may come at once"
            raise Invalid(ErrorCode.VALIDATION_ERROR, "Invalid upload", detail)
        await sink.write(part.chunk)


def _not_yet(what: str) -> ClipzyError:
    return ClipzyError(ErrorCode.NOT_IMPLEMENTED, "Not implemented", f"{what} are not offered here yet.")

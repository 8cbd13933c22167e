"""VideoService: uploads as client streams, and what was uploaded."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from typing_extensions import override

from clipzy.v1 import video_service_pb2 as wire
from clipzy.v1.video_service_pb2_grpc import VideoServiceServicer
from clipzy_server.api.fields import missing, required
from clipzy_server.api.paging import page_request
from clipzy_server.api.video_messages import upload_message, upload_request, video_message
from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.domain.video import Video
from clipzy_server.transport.call import current_owner
from clipzy_server.usecases.appending import Appending
from clipzy_server.usecases.resumable import ResumableUploads
from clipzy_server.usecases.uploads import UploadSink
from clipzy_server.usecases.videos import Videos

MAX_CHUNK_BYTES = 1024 * 1024

Context = Any  # grpc.aio.ServicerContext, whose messages the published stubs leave untyped
Parts = AsyncIterator[wire.UploadVideoRequest]


class VideoService(VideoServiceServicer):
    """The calls of clipzy.v1.VideoService on the use cases of videos."""

    def __init__(self, videos: Videos, uploads: ResumableUploads) -> None:
        self._videos = videos
        self._uploads = uploads

    @override
    async def UploadVideo(self, request_iterator: Parts, context: Context) -> wire.UploadVideoResponse:
        header = await _header(request_iterator)
        if header.HasField("upload_id"):
            video = await self._go_on(header, request_iterator)
            return wire.UploadVideoResponse(video=video_message(video))
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
        asked = upload_request(request)
        if not asked.size_bytes:
            raise missing("size_bytes")
        key = request.request_id or None
        upload = await self._uploads.start(current_owner(), asked, idempotency_key=key)
        return wire.StartUploadResponse(upload=upload_message(upload))

    @override
    async def GetUpload(self, request: wire.GetUploadRequest, context: Context) -> wire.GetUploadResponse:
        upload = await self._uploads.get(current_owner(), required(request.upload_id, "upload_id"))
        return wire.GetUploadResponse(upload=upload_message(upload))

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

    async def _go_on(self, header: wire.UploadVideoHeader, parts: Parts) -> Video:
        owner, upload_id = current_owner(), required(header.upload_id, "upload_id")
        async with self._uploads.appending(owner, upload_id, header.offset_bytes) as appending:
            await _fill(appending, parts)
            upload = await self._uploads.finish(owner, appending)
        if upload.video_id is None:
            detail = f"{upload.offset_bytes} of {upload.size_bytes} bytes are there; go on from there"
            raise Invalid(ErrorCode.VALIDATION_ERROR, "Incomplete upload", detail)
        return await self._videos.get(owner, upload.video_id)


async def _header(parts: Parts) -> wire.UploadVideoHeader:
    first = await anext(parts, None)
    if first is None or first.WhichOneof("part") != "header":
        raise missing("header, as the first message,")
    return first.header


async def _fill(sink: UploadSink | Appending, parts: Parts) -> None:
    async for part in parts:
        if part.WhichOneof("part") != "chunk":
            raise Invalid(ErrorCode.VALIDATION_ERROR, "Invalid upload", "part: after the header only chunks may come")
        if len(part.chunk) > MAX_CHUNK_BYTES:
            detail = f"chunk: {len(part.chunk)} bytes, at most {MAX_CHUNK_BYTES} may come at once"
            raise Invalid(ErrorCode.VALIDATION_ERROR, "Invalid upload", detail)
        await sink.write(part.chunk)

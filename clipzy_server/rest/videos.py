"""`/videos`."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from google.api.httpbody_pb2 import HttpBody
from typing_extensions import override

from clipzy.rest.v1 import rest_pb2, rest_pb2_grpc
from clipzy_server.domain.errors import ErrorCode
from clipzy_server.rest.answer import success
from clipzy_server.rest.documented import data, documented, form_body
from clipzy_server.rest.exchange import Context, request_header
from clipzy_server.rest.files import file_answers, send_file
from clipzy_server.rest.multipart import MultipartReader, malformed
from clipzy_server.rest.parameters import IDEMPOTENCY_KEY, IF_NONE_MATCH, IF_RANGE, PAGING, RANGE
from clipzy_server.rest.query import page_of, query_of
from clipzy_server.rest.upload_form import UploadForm, UploadFormJson
from clipzy_server.rest.video_json import VideoIdJson, VideoJson, VideoPageJson, video_json, video_page_json
from clipzy_server.transport.call import current_owner
from clipzy_server.usecases.videos import Videos


class VideoRoutes(rest_pb2_grpc.VideoServiceServicer):
    """Uploaded videos."""

    def __init__(self, videos: Videos) -> None:
        self._videos = videos

    @documented(
        data(VideoJson, description="The stored video."),
        body=form_body(UploadFormJson),
        headers=(IDEMPOTENCY_KEY,),
        failures=(
            ErrorCode.VIDEO_NOT_FOUND,
            ErrorCode.FILE_TOO_LARGE,
            ErrorCode.UNSUPPORTED_FORMAT,
            ErrorCode.CORRUPT_VIDEO,
            ErrorCode.NO_VIDEO_STREAM,
            ErrorCode.LIMIT_EXCEEDED,
            ErrorCode.IDEMPOTENCY_KEY_REUSED,
            ErrorCode.QUOTA_EXCEEDED,
            ErrorCode.INSUFFICIENT_STORAGE,
        ),
    )
    @override
    async def UploadVideo(self, request_iterator: AsyncIterator[HttpBody], context: Context) -> HttpBody:
        """The form is parsed while it arrives; memory does not grow with it."""
        query_of(context)
        form = UploadForm(self._videos, current_owner(), request_header(context, "idempotency-key"))
        try:
            await _fill(form, request_iterator)
            video = await form.finish()
        except BaseException:
            await form.abort()
            raise
        return success("Video uploaded successfully", video_json(video))

    @documented(data(VideoPageJson, description="One page."), query=PAGING)
    @override
    async def ListVideos(self, request: rest_pb2.RootRequest, context: Context) -> HttpBody:
        """Newest first."""
        page = await self._videos.list(current_owner(), page_of(query_of(context, "page", "page_size")))
        return success("Videos retrieved", video_page_json(page))

    @documented(data(VideoJson, description="The video."), failures=(ErrorCode.VIDEO_NOT_FOUND,))
    @override
    async def GetVideo(self, request: rest_pb2.VideoRequest, context: Context) -> HttpBody:
        """One video."""
        query_of(context)
        return success("Video retrieved", video_json(await self._videos.get(current_owner(), request.video_id)))

    @documented(
        *file_answers("video/mp4", "application/octet-stream"),
        headers=(RANGE, IF_RANGE, IF_NONE_MATCH),
        failures=(ErrorCode.VIDEO_NOT_FOUND, ErrorCode.RANGE_NOT_SATISFIABLE),
    )
    @override
    async def DownloadVideo(self, request: rest_pb2.VideoRequest, context: Context) -> AsyncIterator[HttpBody]:
        """Its bytes, under a name that is safe in a header."""
        query_of(context)
        file = await self._videos.file(current_owner(), request.video_id)
        async with aclosing(send_file(file, context)) as frames:
            async for frame in frames:
                yield frame

    @documented(
        data(VideoIdJson, description="It is gone."), failures=(ErrorCode.VIDEO_NOT_FOUND, ErrorCode.VIDEO_IN_USE)
    )
    @override
    async def DeleteVideo(self, request: rest_pb2.VideoRequest, context: Context) -> HttpBody:
        """Unless an active job needs it."""
        query_of(context)
        await self._videos.delete(current_owner(), request.video_id)
        return success("Video deleted", VideoIdJson(video_id=request.video_id))


async def _fill(form: UploadForm, messages: AsyncIterator[HttpBody]) -> None:
    """Only the first message names the content type. A stream that was reset can end like a complete one."""
    reader: MultipartReader | None = None
    async for message in messages:
        reader = reader or MultipartReader(message.content_type)
        for event in reader.feed(message.data):
            await form.take(event)
    if reader is None:
        raise malformed("The body is empty.")
    reader.finish()

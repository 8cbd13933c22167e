"""`/videos/uploads`: the tus protocol. The header `Tus-Resumable` of every answer is the gateway's."""

from collections.abc import AsyncIterator

from google.api.httpbody_pb2 import HttpBody
from typing_extensions import override

from clipzy.rest.v1 import rest_pb2, rest_pb2_grpc
from clipzy_server.domain.errors import ErrorCode
from clipzy_server.domain.upload import Upload
from clipzy_server.rest.documented import documented, raw_bytes
from clipzy_server.rest.exchange import Context, request_header, send_head
from clipzy_server.rest.parameters import IDEMPOTENCY_KEY
from clipzy_server.rest.query import query_of
from clipzy_server.rest.tus_documented import (
    APPENDED,
    APPENDING,
    DESCRIBED,
    FOUND,
    STARTED,
    TERMINATED,
    TUS_RESUMABLE,
    UPLOAD_CHECKSUM,
    UPLOAD_LENGTH,
    UPLOAD_METADATA,
    UPLOAD_OFFSET,
)
from clipzy_server.rest.tus_headers import (
    OFFSET_STREAM,
    abilities,
    checksum_of,
    require_offset_stream,
    require_version,
    state_headers,
    upload_request,
    whole_number,
)
from clipzy_server.transport.call import current_owner
from clipzy_server.usecases.appending import Checksum
from clipzy_server.usecases.resumable import ResumableUploads


class UploadRoutes(rest_pb2_grpc.UploadServiceServicer):
    """Resumable uploads."""

    def __init__(self, uploads: ResumableUploads) -> None:
        self._uploads = uploads

    @documented(DESCRIBED)
    @override
    async def DescribeUploads(self, request: rest_pb2.UploadRequest, context: Context) -> HttpBody:
        """For clients that ask first."""
        query_of(context)
        return await _answer(context, 204, abilities(self._uploads.max_file_bytes))

    @documented(
        STARTED,
        headers=(TUS_RESUMABLE, UPLOAD_LENGTH, UPLOAD_METADATA, UPLOAD_CHECKSUM, IDEMPOTENCY_KEY),
        failures=(*APPENDING, ErrorCode.UNSUPPORTED_MEDIA_TYPE, ErrorCode.IDEMPOTENCY_KEY_REUSED),
    )
    @override
    async def StartUpload(self, request_iterator: AsyncIterator[HttpBody], context: Context) -> HttpBody:
        """Bytes that come along are taken at once."""
        query_of(context)
        require_version(context)
        first = await anext(request_iterator, HttpBody())
        if first.data:
            require_offset_stream(first.content_type)
        checksum = checksum_of(context)
        upload = await self._uploads.start(
            current_owner(),
            upload_request(context),
            idempotency_key=request_header(context, "idempotency-key"),
            tus_metadata=request_header(context, "upload-metadata"),
        )
        # A repetition under the same key finds how far the first request came.
        upload = await self._uploads.get(current_owner(), upload.upload_id)
        if first.data and upload.offset_bytes == 0:
            upload = await self._append(upload.upload_id, 0, checksum, _chunks(first, request_iterator))
        location = {"location": f"/api/v1/videos/uploads/{upload.upload_id}"}
        return await _answer(context, 201, {**location, **state_headers(upload)})

    @documented(
        FOUND,
        headers=(TUS_RESUMABLE,),
        failures=(ErrorCode.UPLOAD_NOT_FOUND, ErrorCode.UNSUPPORTED_TUS_VERSION),
    )
    @override
    async def GetUpload(self, request: rest_pb2.UploadRequest, context: Context) -> HttpBody:
        """How far it is."""
        query_of(context)
        require_version(context)
        upload = await self._uploads.get(current_owner(), request.upload_id)
        headers = {"upload-length": str(upload.size_bytes), **state_headers(upload)}
        if upload.tus_metadata is not None:
            headers["upload-metadata"] = upload.tus_metadata
        return await _answer(context, 200, headers)

    @documented(
        APPENDED,
        body=raw_bytes(OFFSET_STREAM),
        headers=(TUS_RESUMABLE, UPLOAD_OFFSET, UPLOAD_CHECKSUM),
        failures=APPENDING,
    )
    @override
    async def AppendToUpload(
        self, request_iterator: AsyncIterator[rest_pb2.AppendToUploadRequest], context: Context
    ) -> HttpBody:
        """The bytes are written as they arrive; those of a request that breaks off stay."""
        query_of(context)
        require_version(context)
        first = await anext(request_iterator, rest_pb2.AppendToUploadRequest())
        require_offset_stream(first.body.content_type)
        offset_bytes, checksum = whole_number(context, "Upload-Offset"), checksum_of(context)
        bodies = (message.body async for message in request_iterator)
        upload = await self._append(first.upload_id, offset_bytes, checksum, _chunks(first.body, bodies))
        return await _answer(context, 204, state_headers(upload))

    @documented(
        TERMINATED,
        headers=(TUS_RESUMABLE,),
        failures=(ErrorCode.UPLOAD_NOT_FOUND, ErrorCode.UNSUPPORTED_TUS_VERSION),
    )
    @override
    async def TerminateUpload(self, request: rest_pb2.UploadRequest, context: Context) -> HttpBody:
        """A video that it has become stays."""
        query_of(context)
        require_version(context)
        await self._uploads.terminate(current_owner(), request.upload_id)
        return await _answer(context, 204, {})

    async def _append(
        self, upload_id: str, offset_bytes: int, checksum: Checksum | None, chunks: AsyncIterator[bytes]
    ) -> Upload:
        owner = current_owner()
        async with self._uploads.appending(owner, upload_id, offset_bytes, checksum) as appending:
            async for chunk in chunks:
                await appending.write(chunk)
            return await self._uploads.finish(owner, appending)


async def _answer(context: Context, status: int, headers: dict[str, str]) -> HttpBody:
    await send_head(context, headers, status=status)
    # Of an answer without a type the gateway says that it is JSON.
    return HttpBody(content_type=OFFSET_STREAM)


async def _chunks(first: HttpBody, others: AsyncIterator[HttpBody]) -> AsyncIterator[bytes]:
    yield first.data
    async for other in others:
        yield other.data

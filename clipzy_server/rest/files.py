"""A stored file as a download: whole or a part of it, of exactly known length."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from google.api.httpbody_pb2 import HttpBody

from clipzy_server.domain.errors import ErrorCode
from clipzy_server.rest.answer import JSON
from clipzy_server.rest.documented import Answer, raw_bytes
from clipzy_server.rest.exchange import Context, is_head, request_header, send_head
from clipzy_server.rest.ranges import ByteRange, RangeNotSatisfiable, requested_range
from clipzy_server.transport.failure import envelope
from clipzy_server.usecases.files import StoredFile

# The gateway takes frames of at most 1 MiB. Above this size gRPC's buffers are mapped anew for every message, at three
# times the CPU for each byte.
_FRAME_BYTES = 256 * 1024

_FILE_HEADERS = {
    "accept-ranges": "`bytes`.",
    "etag": "Changes whenever the content does.",
    "content-disposition": "`attachment` and the file's name.",
    "content-length": "Bytes that follow.",
}


def file_answers(*media_types: str) -> tuple[Answer, ...]:
    """What `send_file` answers for a file of one of these types."""
    contents = tuple(map(raw_bytes, media_types))
    part = {**_FILE_HEADERS, "content-range": "Which bytes of how many these are."}
    return (
        Answer("The whole file.", contents=contents, headers=_FILE_HEADERS),
        Answer("The part that `Range` asked for.", status=206, contents=contents, headers=part),
        Answer("`If-None-Match` names the file as it is.", status=304, headers={"etag": _FILE_HEADERS["etag"]}),
        Answer("The storage itself gives the file away.", status=307, headers={"location": "Good for a while."}),
    )


async def send_file(file: StoredFile, context: Context) -> AsyncGenerator[HttpBody, None]:
    """The answer to a GET or HEAD of `file`, as `If-None-Match`, `Range` and `If-Range` ask."""
    if _is_known(file, context):
        await send_head(context, _headers(file, None), status=304)
        return
    link = await file.link("HEAD" if is_head(context) else "GET")
    if link is not None:
        await send_head(context, {"location": link, "cache-control": "no-store"}, status=307)
        return
    try:
        part = requested_range(_range_header(file, context), file.size_bytes)
    except RangeNotSatisfiable:
        yield await _refuse_range(file, context)
        return
    wanted = part or ByteRange(0, file.size_bytes)
    # The first bytes are read before anything is promised: a file that cannot be read is still an honest error.
    async with aclosing(_frames(file, wanted, is_head(context))) as frames:
        first = await anext(frames)
        await send_head(context, _headers(file, part), status=206 if part else 200, length_bytes=wanted.length_bytes)
        yield first
        async for frame in frames:
            yield frame


async def _frames(file: StoredFile, part: ByteRange, only_head: bool) -> AsyncGenerator[HttpBody, None]:
    started = False
    if not only_head and part.length_bytes:
        async with aclosing(file.read(part.start, part.end)) as chunks:
            async for chunk in chunks:
                for start in range(0, len(chunk), _FRAME_BYTES):
                    content_type = "" if started else file.content_type
                    yield HttpBody(content_type=content_type, data=chunk[start : start + _FRAME_BYTES])
                    started = True
    if not started:
        yield HttpBody(content_type=file.content_type)


def _headers(file: StoredFile, part: ByteRange | None) -> dict[str, str]:
    headers = {
        "accept-ranges": "bytes",
        "etag": _tag(file),
        "content-disposition": f'attachment; filename="{file.name}"',
        "cache-control": "private, no-cache",
        "x-content-type-options": "nosniff",
    }
    if part:
        headers["content-range"] = f"bytes {part.start}-{part.end - 1}/{file.size_bytes}"
    return headers


def _tag(file: StoredFile) -> str:
    return f'"{file.etag}"'


def _is_known(file: StoredFile, context: Context) -> bool:
    """`If-None-Match` with the tag among others, weak ones included, or with `*`."""
    tags = (tag.strip().removeprefix("W/") for tag in (request_header(context, "if-none-match") or "").split(","))
    return any(tag in ("*", _tag(file)) for tag in tags)


def _range_header(file: StoredFile, context: Context) -> str | None:
    """Ranges are for GET alone; `If-Range` with another version's tag, or with a date, asks for the whole file."""
    condition = request_header(context, "if-range")
    if is_head(context) or condition not in (None, _tag(file)):
        return None
    return request_header(context, "range")


async def _refuse_range(file: StoredFile, context: Context) -> HttpBody:
    """416 tells the size in a header, so it is answered here and not raised."""
    await send_head(context, {"accept-ranges": "bytes", "content-range": f"bytes */{file.size_bytes}"}, status=416)
    detail = f"range: the file has {file.size_bytes} bytes."
    body = envelope(ErrorCode.RANGE_NOT_SATISFIABLE, "Range not satisfiable", detail)
    return HttpBody(content_type=JSON, data=body.encode())

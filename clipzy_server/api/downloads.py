"""A stored file → what it is, then the wanted range of its bytes in chunks."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from clipzy.v1 import job_service_pb2 as wire
from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.usecases.files import StoredFile

# Above this size gRPC's buffers are mapped anew for every message, at three times the CPU for each byte.
_CHUNK_BYTES = 256 * 1024


def file_info(file: StoredFile, offset_bytes: int, limit_bytes: int | None) -> wire.FileInfo:
    """What will be sent; raises Invalid (RANGE_NOT_SATISFIABLE) when no such range is in the file."""
    if not 0 <= offset_bytes <= file.size_bytes:
        detail = f"offset_bytes: {offset_bytes} is not in 0…{file.size_bytes}"
        raise Invalid(ErrorCode.RANGE_NOT_SATISFIABLE, "Range not satisfiable", detail)
    if limit_bytes is not None and limit_bytes < 1:
        raise Invalid(ErrorCode.RANGE_NOT_SATISFIABLE, "Range not satisfiable", "limit_bytes: must be 1 or more")
    left = file.size_bytes - offset_bytes
    return wire.FileInfo(
        name=file.name,
        size_bytes=file.size_bytes,
        etag=file.etag,
        content_type=file.content_type,
        offset_bytes=offset_bytes,
        length_bytes=left if limit_bytes is None else min(left, limit_bytes),
    )


async def chunks(file: StoredFile, info: wire.FileInfo) -> AsyncGenerator[bytes, None]:
    """The announced bytes, at most 256 KiB at once."""
    if info.length_bytes == 0:
        return
    blocks = file.read(info.offset_bytes, info.offset_bytes + info.length_bytes)
    async with aclosing(blocks):
        async for block in blocks:
            for start in range(0, len(block), _CHUNK_BYTES):
                yield block[start : start + _CHUNK_BYTES]

"""Rows of resumable uploads and of their pieces.

The row names its writer, the last request that took the upload over. Whatever an earlier one still does is refused: its
statements find no row any more. So no lock has to be held, and none is left behind by a process that was killed.
"""

from typing import Any

from sqlalchemy import CursorResult, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain.upload import Piece, Upload
from clipzy_server.store.tables import UploadPieceRow, UploadRow, table_of

_upload = table_of(UploadRow)
_piece = table_of(UploadPieceRow)
_columns = [column for column in _upload.c if column.name != "writer"]


async def insert_upload(connection: AsyncConnection, upload: Upload) -> None:
    """Add the row of an upload that has just begun."""
    values = {column.name: getattr(upload, column.name) for column in _columns}
    await connection.execute(insert(_upload).values(**values))


async def find_upload(connection: AsyncConnection, owner_id: str, upload_id: str) -> Upload | None:
    """The owner's upload, unless it has expired; or None."""
    query = select(*_columns).where(_is_live(owner_id, upload_id))
    row = (await connection.execute(query)).one_or_none()
    return Upload(**row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public accessor has this name


async def take_over(connection: AsyncConnection, upload: Upload, writer: str) -> bool:
    """Make `writer` the one who appends; False when the upload is not as it was found any more."""
    as_found = _is_live(upload.owner_id, upload.upload_id) & (_upload.c.offset_bytes == upload.offset_bytes)
    return await _touched(connection, update(_upload).where(as_found, _upload.c.video_id.is_(None)), writer=writer)


async def record_piece(connection: AsyncConnection, upload_id: str, writer: str, piece: Piece) -> bool:
    """Count a stored piece, or what it has grown to; False when another writer has taken over."""
    end = piece.start_bytes + piece.size_bytes
    if not await _touched(connection, update(_upload).where(_is_written_by(upload_id, writer)), offset_bytes=end):
        return False
    row = upsert(_piece).values(
        upload_id=upload_id, start_bytes=piece.start_bytes, size_bytes=piece.size_bytes, blob_key=piece.blob_key
    )
    grown = {"size_bytes": piece.size_bytes, "blob_key": piece.blob_key}
    await connection.execute(row.on_conflict_do_update(index_elements=["upload_id", "start_bytes"], set_=grown))
    return True


async def list_pieces(connection: AsyncConnection, upload_id: str, end_bytes: int) -> tuple[Piece, ...]:
    """The pieces that begin before `end_bytes`, in their order."""
    query = select(_piece.c.start_bytes, _piece.c.size_bytes, _piece.c.blob_key).where(
        _piece.c.upload_id == upload_id, _piece.c.start_bytes < end_bytes
    )
    return tuple(Piece(*row) for row in await connection.execute(query.order_by(_piece.c.start_bytes)))


async def finish_upload(connection: AsyncConnection, upload: Upload, writer: str, video_id: str) -> bool:
    """The upload has become a video; False when another writer has taken over."""
    mine = update(_upload).where(_is_written_by(upload.upload_id, writer))
    return await _touched(connection, mine, offset_bytes=upload.size_bytes, video_id=video_id, writer=None)


async def delete_upload(connection: AsyncConnection, owner_id: str, upload_id: str) -> bool:
    """Delete the rows of an upload and its pieces; False when there is none."""
    return (await connection.execute(delete(_upload).where(_is_live(owner_id, upload_id)))).rowcount > 0


async def delete_written(connection: AsyncConnection, upload_id: str, writer: str) -> bool:
    """The same for the upload's writer; False when another one has taken over."""
    return (await connection.execute(delete(_upload).where(_is_written_by(upload_id, writer)))).rowcount > 0


_NOW: Any = func.clock_timestamp()


def _is_live(owner_id: str, upload_id: str) -> Any:
    return (_upload.c.upload_id == upload_id) & (_upload.c.owner_id == owner_id) & (_upload.c.expires_at > _NOW)


def _is_written_by(upload_id: str, writer: str) -> Any:
    return (_upload.c.upload_id == upload_id) & (_upload.c.writer == writer) & (_upload.c.expires_at > _NOW)


async def _touched(connection: AsyncConnection, statement: Any, **values: Any) -> bool:
    result: CursorResult[Any] = await connection.execute(statement.values(**values))
    return result.rowcount > 0

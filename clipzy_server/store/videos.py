"""Rows of videos as `Video`s."""

from sqlalchemy import bindparam, delete, func, insert, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain import codec
from clipzy_server.domain.page import Page, PageRequest
from clipzy_server.domain.video import Video, VideoMetadata
from clipzy_server.store.database import Database
from clipzy_server.store.pages import paged, read_page
from clipzy_server.store.queries import Query, Row
from clipzy_server.store.tables import ACTIVE, JobRow, VideoRow, table_of

_video = table_of(VideoRow)
_job = table_of(JobRow)
_mine = _video.c.owner_id == bindparam("owner_id")
_ONE = Query(select(_video).where(_video.c.video_id == bindparam("video_id"), _mine))
_NEWEST = paged(select(_video).where(_mine).order_by(_video.c.uploaded_at.desc(), _video.c.video_id.desc()))


async def lock_content(connection: AsyncConnection, owner_id: str, sha256: str) -> None:
    """Let nobody else add or delete videos of this content until the transaction ends."""
    query = text("SELECT pg_advisory_xact_lock(hashtextextended(:content, 0))")
    await connection.execute(query, {"content": f"{owner_id}/{sha256}"})


async def insert_video(connection: AsyncConnection, video: Video) -> None:
    """Add the row."""
    await connection.execute(
        insert(_video).values(
            video_id=video.video_id,
            owner_id=video.owner_id,
            filename=video.filename,
            file_size_bytes=video.file_size_bytes,
            probed=codec.to_plain(video.metadata),
            uploaded_at=video.uploaded_at,
            storage_url=video.storage_url,
            sha256=video.sha256,
            blob_key=video.blob_key,
            template_video_id=video.template_video_id,
            webhook_url=video.webhook_url,
        )
    )


async def find_video(database: Database, owner_id: str, video_id: str) -> Video | None:
    """The owner's video, or None."""
    rows = await database.fetch(_ONE, video_id=video_id, owner_id=owner_id)
    return _to_video(rows[0]) if rows else None


async def hold_video(connection: AsyncConnection, owner_id: str, video_id: str) -> Video | None:
    """The owner's video, which nobody can delete until the transaction ends; or None."""
    query = select(_video).where(_video.c.video_id == video_id, _video.c.owner_id == owner_id)
    row = (await connection.execute(query.with_for_update(read=True))).one_or_none()
    return _to_video(row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public accessor


async def take_video(connection: AsyncConnection, owner_id: str, video_id: str) -> Video | None:
    """The owner's video, waiting until nobody holds it and keeping others away until the transaction ends; or None."""
    query = select(_video).where(_video.c.video_id == video_id, _video.c.owner_id == owner_id)
    row = (await connection.execute(query.with_for_update())).one_or_none()
    return _to_video(row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public accessor


async def find_content(connection: AsyncConnection, owner_id: str, sha256: str) -> Video | None:
    """One of the owner's videos with these bytes, or None."""
    query = select(_video).where(_video.c.owner_id == owner_id, _video.c.sha256 == sha256).limit(1)
    row = (await connection.execute(query)).one_or_none()
    return _to_video(row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public accessor


async def list_videos(database: Database, owner_id: str, page: PageRequest) -> Page[Video]:
    """A page of the owner's videos, newest first."""
    return await read_page(database, _NEWEST, page, _to_video, owner_id=owner_id)


async def delete_video(connection: AsyncConnection, video_id: str) -> None:
    """Delete the row; jobs keep its id."""
    await connection.execute(delete(_video).where(_video.c.video_id == video_id))


async def count_blob_users(connection: AsyncConnection, blob_key: str) -> int:
    """How many videos share these bytes."""
    query = select(func.count()).select_from(_video).where(_video.c.blob_key == blob_key)
    return int((await connection.execute(query)).scalar_one())


async def is_in_use(connection: AsyncConnection, video_id: str) -> bool:
    """Does an active job read this video?"""
    needs = or_(_job.c.video_id == video_id, _job.c.template_video_id == video_id)
    query = select(_job.c.job_id).where(needs, _job.c.status.in_(ACTIVE)).limit(1)
    return (await connection.execute(query)).first() is not None


def _to_video(row: Row) -> Video:
    fields = {column.name: row[column.name] for column in _video.c}
    fields["metadata"] = codec.from_plain(VideoMetadata, fields.pop("probed"))
    return Video(**fields)

"""What an owner has: counted from the rows themselves, so that no counter can go wrong."""

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.store.tables import ACTIVE, JobRow, UploadRow, VideoRow, table_of

_job = table_of(JobRow)
_upload = table_of(UploadRow)
_video = table_of(VideoRow)


async def lock_storage(connection: AsyncConnection, owner_id: str) -> None:
    """Let nobody else add to what the owner stores until the transaction ends."""
    query = text("SELECT pg_advisory_xact_lock(hashtextextended(:storage, 0))")
    await connection.execute(query, {"storage": f"storage/{owner_id}"})


async def count_stored_bytes(connection: AsyncConnection, owner_id: str) -> int:
    """Bytes of the owner's videos, those that several rows share counted once, and of its unfinished uploads."""
    contents = select(_video.c.blob_key, _video.c.file_size_bytes).where(_video.c.owner_id == owner_id).distinct()
    stored = select(func.coalesce(func.sum(contents.subquery().c.file_size_bytes), 0)).scalar_subquery()
    is_unfinished = _upload.c.video_id.is_(None) & (_upload.c.expires_at > func.clock_timestamp())
    announced = select(func.coalesce(func.sum(_upload.c.size_bytes), 0))
    mine = announced.where(_upload.c.owner_id == owner_id, is_unfinished).scalar_subquery()
    return int((await connection.execute(select(stored + mine))).scalar_one())


async def count_active_jobs(connection: AsyncConnection, owner_id: str) -> int:
    """The owner's jobs that are queued or processing."""
    query = select(func.count()).select_from(_job).where(_job.c.owner_id == owner_id, _job.c.status.in_(ACTIVE))
    return int((await connection.execute(query)).scalar_one())

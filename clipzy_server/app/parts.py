"""What several commands need: the store, opened and closed."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from clipzy_server.app.settings import TOLD, Settings, StorageType
from clipzy_server.store.blobs import Blobs, BlobSettings
from clipzy_server.store.database import Database
from clipzy_server.store.queue import JobQueue

_LONGEST_UPLOAD_S = 24 * 3600.0

_log = logging.getLogger("clipzy.store")


@dataclass(frozen=True, slots=True)
class Store:
    """The database, the blobs and the queue of this installation."""

    database: Database
    blobs: Blobs
    queue: JobQueue


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """The store while the block runs; first, what crashed processes left in its staging area goes."""
    blobs = Blobs(_blob_settings(settings))
    gone = await blobs.sweep(staging_age_s(settings))
    if gone:
        _log.info("removed what %d crashed processes had left", gone)
    url = await known_url(settings)
    database, queue = Database(url), JobQueue(url)
    try:
        yield Store(database, blobs, queue)
    finally:
        await queue.close()
        await database.close()
        blobs.close()


def staging_age_s(settings: Settings) -> float:
    """What an earlier version staged, without a lock, belongs to a dead process when nothing was added for so long."""
    return max(_LONGEST_UPLOAD_S, settings.processing_timeout_seconds)


def database_url(settings: Settings) -> str:
    """Where PostgreSQL is. Raises SystemExit with the remedy when nothing says so."""
    if settings.database_url is None:
        raise SystemExit("Set CLIPZY_DATABASE_URL, or use `clipzy up`, which brings its own PostgreSQL.")
    return settings.database_url


async def known_url(settings: Settings) -> str:
    """Where PostgreSQL is, as soon as somebody says so. Raises SystemExit when nobody will."""
    url = database_url(settings)
    return await asyncio.to_thread(_told) if url == TOLD else url


def _told() -> str:
    url = sys.stdin.readline().strip()
    if not url:
        raise SystemExit("Nobody said where the database is.")
    return url


def _blob_settings(settings: Settings) -> BlobSettings:
    on_s3 = settings.storage_type is StorageType.S3
    return BlobSettings(
        folder=settings.storage_folder,
        bucket=settings.s3_bucket_name if on_s3 else None,
        prefix=settings.s3_prefix,
        region=settings.aws_region,
        endpoint_url=settings.s3_endpoint_url,
        link_ttl_s=settings.s3_presign_seconds or None,
    )

"""What several commands need: the store, opened and closed."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from clipzy_server.app.settings import MIB, Settings, StorageType
from clipzy_server.media.confinement import BoxMode, BoxState, box_state
from clipzy_server.media.file_rules import FileRules
from clipzy_server.media.sandbox_limits import BoxPolicy, Limits
from clipzy_server.store.blobs import Blobs, BlobSettings
from clipzy_server.store.database import Database
from clipzy_server.store.queue import JobQueue, migrate_queue

_LONGEST_UPLOAD_S = 24 * 3600.0

_log = logging.getLogger("clipzy.store")


@dataclass(frozen=True, slots=True)
class Store:
    """The database, the blobs and the queue of this installation."""

    database: Database
    blobs: Blobs
    queue: JobQueue


@asynccontextmanager
async def open_store(settings: Settings, kept_connections: int = 10) -> AsyncIterator[Store]:
    """The store while the block runs; first, what crashed processes left in its staging area goes.

    So many connections for transactions stay open when they are not needed.
    """
    url = database_url(settings)
    blobs = Blobs(_blob_settings(settings))
    gone = await blobs.sweep(staging_age_s(settings))
    if gone:
        _log.info("removed what %d crashed processes had left", gone)
    database, queue = Database(url, kept=kept_connections), JobQueue(url)
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


async def migrate(url: str) -> None:
    """Bring our tables and the engine's to the newest version. Safe to repeat and to run twice at once."""
    database = Database(url)
    try:
        await database.migrate()
        await asyncio.to_thread(migrate_queue, url)
    finally:
        await database.close()


def box_policy(settings: Settings) -> BoxPolicy:
    """How foreign files are opened here. Raises SystemExit where boxes must close and can't."""
    if box_state(settings.sandbox) is BoxState.PARTIAL:
        missing = "This kernel lacks Landlock (5.13 or newer) or filters of system calls"
        if settings.sandbox is BoxMode.REQUIRED:
            raise SystemExit(f"{missing}: CLIPZY_SANDBOX=best-effort goes on without.")
        _log.warning("%s: the sandbox goes on without", missing)
    rules = FileRules(
        settings.format_rules,
        settings.max_video_pixels,
        settings.max_video_seconds,
        settings.max_video_frames,
        settings.max_video_streams,
        settings.max_video_frame_rate,
    )
    return BoxPolicy(settings.sandbox, rules)


def stage_limits(settings: Settings) -> Limits:
    """What one stage may use."""
    return Limits(
        address_space_bytes=settings.stage_address_space_mb * MIB,
        memory_bytes=settings.stage_memory_mb * MIB,
        file_bytes=settings.stage_file_mb * MIB,
        cpu_s=settings.stage_cpu_s,
        stall_s=settings.stage_stall_seconds,
        still_s=settings.stage_still_seconds,
    )


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

"""What is over, and what is left without a row that knows of it.

The rows are the truth: first they go, then what they told of. So a process that dies halfway leaves bytes or workflows
without a row, which are found here, and never a row that tells of bytes that are gone.
"""

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.store.queue import WORKFLOW_NAME

_EXPIRE_JOBS = text(
    """
    DELETE FROM clipzy.job WHERE job_id IN (
      SELECT job_id FROM clipzy.job j
      WHERE status IN ('completed', 'failed', 'cancelled')
        AND completed_at < clock_timestamp() - make_interval(secs => :ttl_s)
        AND NOT EXISTS (SELECT FROM clipzy.webhook_delivery d WHERE d.job_id = j.job_id AND d.state = 'pending')
      ORDER BY completed_at LIMIT :at_most FOR UPDATE SKIP LOCKED
    ) RETURNING job_id
    """
)
_KEPT = text(
    """
    SELECT coalesce(array_agg(a ->> 'blob_key') FILTER (WHERE a IS NOT NULL), '{}')
    FROM clipzy.job j LEFT JOIN clipzy.job_result r USING (job_id) LEFT JOIN jsonb_array_elements(r.artifacts) a ON true
    WHERE j.job_id = :job_id AND j.completed_at IS NOT NULL GROUP BY j.job_id
    """
)
_MARK_TIDY = text("UPDATE clipzy.job SET tidied_at = clock_timestamp() WHERE job_id = :job_id")
_UNTIDY = text(
    "SELECT job_id FROM clipzy.job WHERE completed_at IS NOT NULL AND tidied_at IS NULL "
    "ORDER BY completed_at DESC LIMIT :at_most"
)
_EXPIRE_KEYS = text(
    "DELETE FROM clipzy.idempotency WHERE created_at < clock_timestamp() - make_interval(secs => :ttl_s)"
)
_EXPIRE_UPLOADS = text("DELETE FROM clipzy.upload WHERE expires_at < clock_timestamp() RETURNING upload_id")
_LOST_WORKFLOWS = text(
    "SELECT workflow_uuid FROM dbos.workflow_status w WHERE name = :name "
    "AND NOT EXISTS (SELECT FROM clipzy.job j WHERE j.job_id = w.workflow_uuid) LIMIT :at_most"
)
_WITHOUT_JOB = text(
    "SELECT id FROM unnest(:names) AS id WHERE NOT EXISTS (SELECT FROM clipzy.job WHERE job_id = id)"
).bindparams(bindparam("names", type_=ARRAY(TEXT)))
_WITHOUT_UPLOAD = text(
    "SELECT id FROM unnest(:names) AS id WHERE NOT EXISTS (SELECT FROM clipzy.upload WHERE upload_id = id)"
).bindparams(bindparam("names", type_=ARRAY(TEXT)))
_WITHOUT_VIDEO = text(
    "SELECT id FROM unnest(:names) AS id WHERE NOT EXISTS (SELECT FROM clipzy.video WHERE video_id = id)"
).bindparams(bindparam("names", type_=ARRAY(TEXT)))
_IS_CONTENT = text("SELECT EXISTS (SELECT FROM clipzy.video WHERE blob_key = ANY(:keys))").bindparams(
    bindparam("keys", type_=ARRAY(TEXT))
)


async def expire_jobs(connection: AsyncConnection, ttl_s: float, at_most: int) -> tuple[str, ...]:
    """Delete some of the jobs that ended so long ago and have no message to send any more; gives their ids."""
    return tuple((await connection.execute(_EXPIRE_JOBS, {"ttl_s": ttl_s, "at_most": at_most})).scalars())


async def kept_files(connection: AsyncConnection, job_id: str) -> frozenset[str] | None:
    """The keys of the files that an ended job has published; None while it is active, or gone."""
    keys = (await connection.execute(_KEPT, {"job_id": job_id})).scalar_one_or_none()
    return None if keys is None else frozenset(keys)


async def mark_tidy(connection: AsyncConnection, job_id: str) -> None:
    """Say that of the job nothing is left but what it published."""
    await connection.execute(_MARK_TIDY, {"job_id": job_id})


async def list_untidy(connection: AsyncConnection, at_most: int) -> tuple[str, ...]:
    """Some of the ended jobs that may have left more than they published, the latest first."""
    return tuple((await connection.execute(_UNTIDY, {"at_most": at_most})).scalars())


async def expire_keys(connection: AsyncConnection, ttl_s: float) -> int:
    """Delete idempotency keys that are so old; gives how many went."""
    return (await connection.execute(_EXPIRE_KEYS, {"ttl_s": ttl_s})).rowcount


async def expire_uploads(connection: AsyncConnection) -> tuple[str, ...]:
    """Delete the resumable uploads whose time is over, finished or not; gives their ids."""
    return tuple((await connection.execute(_EXPIRE_UPLOADS)).scalars())


async def list_lost_workflows(connection: AsyncConnection, at_most: int) -> tuple[str, ...]:
    """Some of the engine's workflows whose job is no more."""
    return tuple((await connection.execute(_LOST_WORKFLOWS, {"name": WORKFLOW_NAME, "at_most": at_most})).scalars())


async def without_job(connection: AsyncConnection, names: list[str]) -> tuple[str, ...]:
    """Those of the names that are no job's id."""
    return tuple((await connection.execute(_WITHOUT_JOB, {"names": names})).scalars())


async def without_upload(connection: AsyncConnection, names: list[str]) -> tuple[str, ...]:
    """Those of the names that are no resumable upload's id."""
    return tuple((await connection.execute(_WITHOUT_UPLOAD, {"names": names})).scalars())


async def without_video(connection: AsyncConnection, names: list[str]) -> tuple[str, ...]:
    """Those of the names that are no video's id; another video may still share the bytes there."""
    return tuple((await connection.execute(_WITHOUT_VIDEO, {"names": names})).scalars())


async def is_content(connection: AsyncConnection, keys: list[str]) -> bool:
    """Are there bytes of a video under one of the keys?"""
    return bool((await connection.execute(_IS_CONTENT, {"keys": keys})).scalar_one())

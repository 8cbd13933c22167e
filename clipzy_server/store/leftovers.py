"""What the engine's tables say of jobs left behind by their worker.

A job is left behind when its workflow runs on a worker that beats no more, or when its workflow is over and its row is
not. Work of another version waits for workers of that version; when there are none left, it is begun anew by ours.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain.job import Stage
from clipzy_server.store.database import Database
from clipzy_server.store.queries import Query
from clipzy_server.store.queue import APPLICATION_VERSION, QUEUE_NAME, WORKFLOW_NAME
from clipzy_server.store.workers import SESSION_PREFIX

_HOLDERS = Query(
    text(
        "SELECT DISTINCT w.executor_id, b.beat_at, EXISTS (SELECT FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name = :prefix || md5(w.executor_id)) AS is_connected "
        "FROM dbos.workflow_status w LEFT JOIN clipzy.worker b ON b.executor_id = w.executor_id "
        "WHERE w.status = 'PENDING' AND w.application_version = :version AND w.executor_id IS NOT NULL"
    )
)
_ABANDONED = Query(
    text(
        "SELECT j.job_id, j.current_stage FROM clipzy.job j JOIN dbos.workflow_status w ON w.workflow_uuid = j.job_id "
        "WHERE j.status IN ('queued', 'processing') AND "
        "j.updated_at < clock_timestamp() - make_interval(secs => :grace_s) "
        "AND w.status IN ('ERROR', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED', 'SUCCESS', 'CANCELLED')"
    )
)
_OTHER_VERSIONS = Query(
    text(
        "SELECT w.application_version AS version, coalesce(max(b.beat_at), 'epoch') AS beat_at "
        "FROM dbos.workflow_status w LEFT JOIN clipzy.worker b ON b.version = w.application_version "
        "WHERE w.status IN ('ENQUEUED', 'PENDING') AND w.name = :workflow AND w.application_version <> :version "
        "GROUP BY 1"
    )
)
# What a workflow of another version recorded means nothing to ours: it begins at its first step.
_FORGET_STEPS = text(
    "DELETE FROM dbos.operation_outputs o USING dbos.workflow_status w WHERE o.workflow_uuid = w.workflow_uuid "
    "AND w.status IN ('ENQUEUED', 'PENDING') AND w.name = :workflow AND w.application_version = :old"
)
_ADOPT = text(
    "UPDATE dbos.workflow_status SET application_version = :version, status = 'ENQUEUED', executor_id = NULL, "
    "owner_xid = NULL, started_at_epoch_ms = NULL, queue_name = coalesce(queue_name, :queue) "
    "WHERE status IN ('ENQUEUED', 'PENDING') AND name = :workflow AND application_version = :old"
)
_ACTIVE = text("SELECT job_id FROM clipzy.job WHERE job_id = ANY(:job_ids) AND status = 'processing'").bindparams(
    bindparam("job_ids", type_=ARRAY(TEXT))
)


@dataclass(frozen=True, slots=True)
class Holder:
    """A worker that holds jobs, and its last beat; None when it said goodbye.

    The system ends the connection of a process that dies, not of one that is stopped or cut off.
    """

    executor_id: str
    beat_at: datetime | None
    is_connected: bool = True


@dataclass(frozen=True, slots=True)
class AbandonedJob:
    """An active job that nobody will ever touch again, and the stage it was in."""

    job_id: str
    stage: Stage | None


async def list_holders(database: Database) -> tuple[Holder, ...]:
    """Workers that hold jobs of our version."""
    rows = await database.fetch(_HOLDERS, version=APPLICATION_VERSION, prefix=SESSION_PREFIX)
    return tuple(Holder(row["executor_id"], row["beat_at"], row["is_connected"]) for row in rows)


async def list_other_versions(database: Database) -> tuple[Holder, ...]:
    """Versions with jobs that our workers don't take, and the last beat of their own, long ago if there are none."""
    rows = await database.fetch(_OTHER_VERSIONS, workflow=WORKFLOW_NAME, version=APPLICATION_VERSION)
    return tuple(Holder(row["version"], row["beat_at"]) for row in rows)


async def adopt(connection: AsyncConnection, old: str) -> int:
    """Make the jobs of a version without workers ours, from their first stage on; how many."""
    whose = {"workflow": WORKFLOW_NAME, "old": old}
    await connection.execute(_FORGET_STEPS, whose)
    adopted = await connection.execute(_ADOPT, {**whose, "version": APPLICATION_VERSION, "queue": QUEUE_NAME})
    return adopted.rowcount


async def list_abandoned_jobs(database: Database, grace_s: float) -> tuple[AbandonedJob, ...]:
    """Active jobs, unchanged for so long, whose workflow is over."""
    rows = await database.fetch(_ABANDONED, grace_s=grace_s)
    return tuple(
        AbandonedJob(row["job_id"], Stage(row["current_stage"]) if row["current_stage"] else None) for row in rows
    )


async def list_active(connection: AsyncConnection, job_ids: frozenset[str]) -> frozenset[str]:
    """Those of the jobs that are still `processing`."""
    rows = await connection.execute(_ACTIVE, {"job_ids": list(job_ids)})
    return frozenset(row.job_id for row in rows)

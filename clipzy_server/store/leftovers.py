"""What the engine's tables say of jobs left behind by their worker.

A job is left behind when its workflow runs on a worker that beats no more, or when its workflow is over and its row is
not. The engine's own table `dbos.workflow_status` is only read here.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain.job import Stage
from clipzy_server.store.queue import APPLICATION_VERSION

_HOLDERS = text(
    "SELECT DISTINCT w.executor_id, b.beat_at FROM dbos.workflow_status w "
    "LEFT JOIN clipzy.worker b ON b.executor_id = w.executor_id "
    "WHERE w.status = 'PENDING' AND w.application_version = :version AND w.executor_id IS NOT NULL"
)
_ABANDONED = text(
    "SELECT j.job_id, j.current_stage FROM clipzy.job j JOIN dbos.workflow_status w ON w.workflow_uuid = j.job_id "
    "WHERE j.status IN ('queued', 'processing') AND j.updated_at < clock_timestamp() - make_interval(secs => :grace_s) "
    "AND w.status IN ('ERROR', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED', 'SUCCESS', 'CANCELLED')"
)
_ACTIVE = text("SELECT job_id FROM clipzy.job WHERE job_id = ANY(:job_ids) AND status = 'processing'").bindparams(
    bindparam("job_ids", type_=ARRAY(TEXT))
)


@dataclass(frozen=True, slots=True)
class Holder:
    """A worker that holds jobs, and its last beat; None when it said goodbye."""

    executor_id: str
    beat_at: datetime | None


@dataclass(frozen=True, slots=True)
class AbandonedJob:
    """An active job that nobody will ever touch again, and the stage it was in."""

    job_id: str
    stage: Stage | None


async def list_holders(connection: AsyncConnection) -> tuple[Holder, ...]:
    """Workers that hold jobs of our version."""
    rows = await connection.execute(_HOLDERS, {"version": APPLICATION_VERSION})
    return tuple(Holder(row.executor_id, row.beat_at) for row in rows)


async def list_abandoned_jobs(connection: AsyncConnection, grace_s: float) -> tuple[AbandonedJob, ...]:
    """Active jobs, unchanged for so long, whose workflow is over."""
    rows = await connection.execute(_ABANDONED, {"grace_s": grace_s})
    return tuple(AbandonedJob(row.job_id, Stage(row.current_stage) if row.current_stage else None) for row in rows)


async def list_active(connection: AsyncConnection, job_ids: frozenset[str]) -> frozenset[str]:
    """Those of the jobs that are still `processing`."""
    rows = await connection.execute(_ACTIVE, {"job_ids": list(job_ids)})
    return frozenset(row.job_id for row in rows)

"""Rows of jobs as `Job`s and `JobResult`s, and the guarded changes of their state.

A change is one UPDATE that only touches a row in a state it may leave, so terminal states never change whoever races;
the NOTIFY and, at a job's end, its webhook travel in the same transaction. `updated_at` grows with every change, even
when the clock does not.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    any_,
    bindparam,
    case,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain import codec
from clipzy_server.domain.job import (
    Artifact,
    DimensionFidelity,
    Job,
    JobConfig,
    JobFailure,
    JobResult,
    JobStatus,
    Stage,
)
from clipzy_server.domain.page import Page, PageRequest
from clipzy_server.domain.style import StyleDna
from clipzy_server.store.database import Database
from clipzy_server.store.deliveries import insert_delivery
from clipzy_server.store.pages import paged, read_page
from clipzy_server.store.queries import Query, Row
from clipzy_server.store.tables import ACTIVE, JobResultRow, JobRow, table_of

JOB_CHANNEL = "clipzy_job"

_job = table_of(JobRow)
_result = table_of(JobResultRow)
# One clock reading per statement, so that `completed_at` and `updated_at` of the last change are equal.
_updated_at = func.greatest(func.statement_timestamp(), _job.c.updated_at + literal_column("interval '1 microsecond'"))

_mine = _job.c.owner_id == bindparam("owner_id")
_status = bindparam("status", type_=String)
_one = select(_job).where(_job.c.job_id == bindparam("job_id"), _mine)
_ONE = Query(_one)
_ONE_WITH_RESULT = Query(
    _one.join(_result, _result.c.job_id == _job.c.job_id).add_columns(
        *(column for column in _result.c if column.name != "job_id")
    )
)
_SEVERAL = Query(select(_job).where(_job.c.job_id == any_(bindparam("job_ids", type_=ARRAY(String)))))
_NEWEST = paged(
    select(_job)
    .where(_mine, or_(_status.is_(None), _job.c.status == _status))
    .order_by(_job.c.created_at.desc(), _job.c.job_id.desc())
)


async def insert_job(connection: AsyncConnection, job: Job) -> bool:
    """Add a queued job; False when its video has an active one already."""
    values = {
        "job_id": job.job_id,
        "owner_id": job.owner_id,
        "video_id": job.video_id,
        "template_video_id": job.template_video_id,
        "status": job.status,
        "created_at": job.created_at,
        "updated_at": job.updated_at,
        "config": codec.to_plain(job.config),
        "webhook_url": job.webhook_url,
        "progress_percent": job.progress_percent,
        "stage_progress_percent": job.stage_progress_percent,
        "attempt": job.attempt,
        "traceparent": job.traceparent,
    }
    active: ColumnElement[bool] = literal_column("status IN ('queued', 'processing')")
    statement = upsert(_job).values(values).on_conflict_do_nothing(index_elements=["video_id"], index_where=active)
    if (await connection.execute(statement.returning(_told()))).first() is None:
        return False
    await connection.execute(insert(_result).values(job_id=job.job_id))
    return True


async def find_job(database: Database, owner_id: str, job_id: str) -> Job | None:
    """The owner's job, or None."""
    rows = await database.fetch(_ONE, job_id=job_id, owner_id=owner_id)
    return _to_job(rows[0]) if rows else None


async def find_jobs(database: Database, job_ids: tuple[str, ...]) -> tuple[Job, ...]:
    """Those of the jobs that exist, whoever owns them."""
    return tuple(map(_to_job, await database.fetch(_SEVERAL, job_ids=job_ids)))


async def is_active(connection: AsyncConnection, video_id: str) -> bool:
    """Has the video an active job?"""
    query = select(_job.c.job_id).where(_job.c.video_id == video_id, _job.c.status.in_(ACTIVE))
    return (await connection.execute(query)).first() is not None


async def list_jobs(database: Database, owner_id: str, page: PageRequest, status: JobStatus | None) -> Page[Job]:
    """A page of the owner's jobs, newest first."""
    return await read_page(database, _NEWEST, page, _to_job, owner_id=owner_id, status=status)


async def find_result(database: Database, owner_id: str, job_id: str) -> JobResult | None:
    """The owner's job with what it made so far, or None."""
    rows = await database.fetch(_ONE_WITH_RESULT, job_id=job_id, owner_id=owner_id)
    return _to_result(rows[0]) if rows else None


async def change_job(
    connection: AsyncConnection, job_id: str, allowed: tuple[JobStatus, ...], changes: dict[str, Any]
) -> Job | None:
    """Change the job if it is in one of the `allowed` states and tell whoever watches; None when it is not."""
    statement = (
        update(_job)
        .where(_job.c.job_id == job_id, _job.c.status.in_([status.value for status in allowed]))
        .values(updated_at=_updated_at, **changes)
        .returning(_job, _told())
    )
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        return None
    job = _to_job(row._mapping)  # noqa: SLF001 - SQLAlchemy's public accessor has this name
    if job.status.is_terminal and job.webhook_url is not None:
        await insert_delivery(connection, job, job.webhook_url)
    return job


def started() -> dict[str, Any]:
    """Changes when a worker takes a job, the first or the next one: progress already made is kept."""
    first = Stage.VIDEO_ANALYSIS.value
    return {
        "status": JobStatus.PROCESSING.value,
        "started_at": func.coalesce(_job.c.started_at, func.clock_timestamp()),
        "current_stage": func.coalesce(_job.c.current_stage, literal(first)),
        "progress_percent": func.greatest(_job.c.progress_percent, 1),
        "attempt": _job.c.attempt + 1,
        "turn": None,
    }


def advanced(stage: Stage, stage_percent: int, progress_percent: int, eta_s: float | None) -> dict[str, Any]:
    """Changes when a stage gets on. What lies behind the progress already published is not shown again."""
    new = literal(progress_percent) >= _job.c.progress_percent
    return {
        "current_stage": case((new, literal(stage.value)), else_=_job.c.current_stage),
        "stage_progress_percent": case((new, literal(stage_percent)), else_=_job.c.stage_progress_percent),
        "progress_percent": func.greatest(_job.c.progress_percent, progress_percent),
        "eta_seconds": eta_s,
    }


def ended(status: JobStatus, error: JobFailure | None = None) -> dict[str, Any]:
    """Changes when a job reaches a terminal state."""
    changes: dict[str, Any] = {
        "status": status.value,
        "current_stage": None,
        "eta_seconds": None,
        "completed_at": _updated_at,
        "error": codec.to_plain(error) if error else None,
    }
    if status is JobStatus.COMPLETED:
        changes |= {"progress_percent": 100, "stage_progress_percent": 100}
    return changes


async def set_result(connection: AsyncConnection, job_id: str, **made: Any) -> None:
    """Put values into columns of the job's result."""
    await connection.execute(update(_result).where(_result.c.job_id == job_id).values(**made))


async def set_stage_seconds(connection: AsyncConnection, job_id: str, stage: Stage, seconds: float) -> None:
    """Record how long a stage took; a stage that ran again replaces its time."""
    merged = _result.c.stage_seconds.op("||")(literal({stage.value: seconds}, JSONB))
    await connection.execute(update(_result).where(_result.c.job_id == job_id).values(stage_seconds=merged))


def _told() -> ColumnElement[None]:
    """Tells every process, when the statement that returns it is committed, that the row's job changed; the payload is
    `<job_id> <status>`.
    """
    return func.pg_notify(JOB_CHANNEL, func.concat(_job.c.job_id, " ", _job.c.status))


def _to_job(row: Row) -> Job:
    return Job(
        job_id=row["job_id"],
        owner_id=row["owner_id"],
        video_id=row["video_id"],
        status=JobStatus(row["status"]),
        progress_percent=row["progress_percent"],
        current_stage=Stage(row["current_stage"]) if row["current_stage"] else None,
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        config=codec.from_plain(JobConfig, row["config"]),
        started_at=row["started_at"],
        completed_at=row["completed_at"],
        template_video_id=row["template_video_id"],
        webhook_url=row["webhook_url"],
        error=codec.from_plain(JobFailure, row["error"]) if row["error"] else None,
        stage_progress_percent=row["stage_progress_percent"],
        eta_seconds=row["eta_seconds"],
        attempt=row["attempt"],
        traceparent=row["traceparent"],
    )


def _to_result(row: Row) -> JobResult:
    job = _to_job(row)
    seconds = None
    if job.started_at and job.completed_at:
        seconds = (job.completed_at - job.started_at).total_seconds()
    return JobResult(
        job=job,
        style=codec.from_plain(StyleDna, row["style"]) if row["style"] else None,
        output_video_url=row["output_video_url"],
        processing_time_seconds=seconds,
        artifacts=codec.from_plain(tuple[Artifact, ...], row["artifacts"]),
        # JSONB forgets the order of keys.
        stage_seconds={stage: row["stage_seconds"][stage] for stage in Stage if stage in row["stage_seconds"]},
        fidelity=codec.from_plain(dict[str, DimensionFidelity], row["fidelity"]) if row["fidelity"] else None,
    )

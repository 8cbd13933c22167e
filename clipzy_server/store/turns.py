"""Fair turns between owners: who is served next when jobs of several owners wait.

Every waiting job holds a turn, a number from 1; the engine, which calls it a priority, serves the smallest first and of
equal ones the oldest. An owner's jobs hold consecutive turns, the first of them never before the turn that is served
now. So owners with jobs waiting are served one each in every turn, however many a single one has queued: start-time
fair queueing (Goyal, Vin and Cheng, 1996) with the job as the unit of work. A job's own priority only decides which of
its owner's turns it takes.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain.job import Job

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('line/' || :owner_id, 0))")
_TAKE = text(
    """
    UPDATE clipzy.job SET turn = 1 + GREATEST(
      (SELECT turn FROM clipzy.job WHERE owner_id = :owner_id AND status = 'queued' AND turn IS NOT NULL
        AND (config->>'priority')::int >= :priority ORDER BY turn DESC LIMIT 1),
      (SELECT turn - 1 FROM clipzy.job WHERE status = 'queued' AND turn IS NOT NULL ORDER BY turn LIMIT 1),
      0
    )
    WHERE job_id = :job_id RETURNING turn
    """
)
_MAKE_ROOM = text(
    """
    WITH behind AS (
      UPDATE clipzy.job SET turn = turn + 1
      WHERE owner_id = :owner_id AND status = 'queued' AND turn >= :turn AND (config->>'priority')::int < :priority
      RETURNING job_id
    )
    UPDATE dbos.workflow_status w SET priority = w.priority + 1 FROM behind
    WHERE w.workflow_uuid = behind.job_id AND w.status = 'ENQUEUED'
    """
)
_CLOSE_UP = text(
    """
    WITH gone AS (
      SELECT turn FROM clipzy.job WHERE job_id = :job_id AND status = 'queued' FOR UPDATE
    ), behind AS (
      UPDATE clipzy.job j SET turn = j.turn - 1 FROM gone
      WHERE j.owner_id = :owner_id AND j.status = 'queued' AND j.turn > gone.turn
      RETURNING job_id
    )
    UPDATE dbos.workflow_status w SET priority = w.priority - 1 FROM behind
    WHERE w.workflow_uuid = behind.job_id AND w.status = 'ENQUEUED'
    """
)
_SERVE_FIRST = text("UPDATE dbos.workflow_status SET priority = 0 WHERE workflow_uuid = :job_id AND priority <> 0")


async def lock_line(connection: AsyncConnection, owner_id: str) -> None:
    """Let nobody else change which jobs of this owner wait, until the transaction ends.

    Whoever changes rows of jobs that others know of takes this lock first: these transactions never wait in a circle.
    """
    await connection.execute(_LOCK, {"owner_id": owner_id})


async def take_turn(connection: AsyncConnection, job: Job) -> int:
    """The turn of a job that this transaction has inserted; less urgent ones of its owner move behind it."""
    values = {"owner_id": job.owner_id, "priority": job.config.priority}
    await lock_line(connection, job.owner_id)
    turn = int((await connection.execute(_TAKE, {**values, "job_id": job.job_id})).scalar_one())
    await connection.execute(_MAKE_ROOM, {**values, "turn": turn})
    return turn


async def give_turn_up(connection: AsyncConnection, job: Job) -> None:
    """Let the owner's later jobs move up by the turn of a waiting job that this transaction is about to end."""
    await lock_line(connection, job.owner_id)
    await connection.execute(_CLOSE_UP, {"owner_id": job.owner_id, "job_id": job.job_id})


async def serve_first(connection: AsyncConnection, job_id: str) -> None:
    """Should a job that is being served come back, because its worker was lost: let it go before all that wait."""
    await connection.execute(_SERVE_FIRST, {"job_id": job_id})

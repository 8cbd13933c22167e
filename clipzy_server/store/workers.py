"""Heartbeats of workers, by the database's clock."""

import hashlib

from sqlalchemy import bindparam, delete, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.store.database import Database
from clipzy_server.store.queries import Query
from clipzy_server.store.tables import WorkerRow, table_of

SESSION_PREFIX = "clipzy worker "

_worker = table_of(WorkerRow)
_now = func.clock_timestamp()
_first = insert(_worker).values(
    executor_id=bindparam("executor_id"), beat_at=_now, version=bindparam("version", type_=_worker.c.version.type)
)
_BEAT = Query(
    _first.on_conflict_do_update(
        index_elements=["executor_id"], set_={"beat_at": _now, "version": _first.excluded.version}
    )
)


def session_name(executor_id: str) -> str:
    """What the connection is called that a worker keeps for its life, at most 63 bytes of ASCII."""
    return SESSION_PREFIX + hashlib.md5(executor_id.encode(), usedforsecurity=False).hexdigest()


async def beat(database: Database, executor_id: str, version: str) -> None:
    """Say that the worker lives."""
    await database.fetch(_BEAT, executor_id=executor_id, version=version)


async def forget(connection: AsyncConnection, executor_id: str) -> None:
    """Say that the worker is gone."""
    await connection.execute(delete(_worker).where(_worker.c.executor_id == executor_id))


async def count_alive(connection: AsyncConnection, within_s: float) -> int:
    """Workers whose last beat is younger than `within_s`."""
    since = func.clock_timestamp() - literal_column(f"interval '{within_s:.3f} seconds'")
    query = select(func.count()).select_from(_worker).where(_worker.c.beat_at >= since)
    return int((await connection.execute(query)).scalar_one())

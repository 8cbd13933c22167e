import asyncio

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, select, text

from clipzy_server.domain.errors import ErrorCode, Unavailable
from clipzy_server.store import session
from clipzy_server.store.database import Database
from clipzy_server.store.migration import migrate_tables
from clipzy_server.store.queries import Query
from clipzy_server.store.tables import SCHEMA, Row

_PID = text("SELECT pg_backend_pid()")


def _differences(connection: Connection) -> list[object]:
    options = {"include_schemas": True, "include_name": lambda name, kind, _: kind != "schema" or name == SCHEMA}
    context = MigrationContext.configure(connection, opts={**options, "version_table_schema": SCHEMA})
    return list(compare_metadata(context, Row.metadata))


async def test_the_migrations_make_exactly_the_tables_of_the_classes(database: Database) -> None:
    async with database.transaction() as connection:
        assert await connection.run_sync(_differences) == []


async def test_many_processes_may_migrate_at_once(empty_database_url: str) -> None:
    databases = [Database(empty_database_url, pool_size=1) for _ in range(5)]

    await asyncio.gather(*(migrate_tables(database) for database in databases))

    async with databases[0].reading() as connection:
        versions = (await connection.execute(text("SELECT version_num FROM clipzy.alembic_version"))).scalars().all()
    assert len(versions) == 1
    await asyncio.gather(*(database.close() for database in databases))


async def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    insert = text("INSERT INTO clipzy.owner VALUES ('own_1', 'somebody', now())")

    async def fail() -> None:
        async with database.transaction() as connection:
            await connection.execute(insert)
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        await fail()

    async with database.reading() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM clipzy.owner"))).scalar_one() == 0


async def test_a_database_that_is_away_is_unavailable(tmp_path: object) -> None:
    database = Database(f"postgresql://clipzy@/clipzy?host={tmp_path}")
    with pytest.raises(Unavailable) as refused:
        async with database.reading():
            pytest.fail("connected to nothing")
    assert refused.value.code is ErrorCode.UNAVAILABLE
    assert refused.value.detail == "Try again in a moment."
    await database.close()


async def test_losing_the_connection_halfway_is_unavailable_and_the_next_call_works(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as connection:
            pid = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            async with database.reading() as other:
                await other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            await connection.execute(text("SELECT 1"))

    with pytest.raises(Unavailable):
        await fail()

    async with database.reading() as connection:
        assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1


async def _pid(database: Database) -> int:
    async with database.transaction() as connection:
        return int((await connection.execute(_PID)).scalar_one())


async def test_a_connection_that_rested_long_is_replaced(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = await _pid(database)
    assert await _pid(database) == pid
    monkeypatch.setattr(session, "_MARGIN_S", 60.0)
    assert await _pid(database) != pid


async def test_sessions_that_nobody_needs_end(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher = await asyncpg.connect(database.urls.asyncpg)
    monkeypatch.setattr(session, "_RESTS_S", (0.1, 0.2))
    pids = await asyncio.gather(*(_pid(database) for _ in range(3)))
    pids += [row["pid"] for row in await database.fetch(Query(select(func.pg_backend_pid().label("pid"))))]

    for _ in range(200):
        left = await watcher.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY($1)", pids)
        if not left:
            break
        await asyncio.sleep(0.05)
    assert not left

    assert await _pid(database) not in pids
    await watcher.close()

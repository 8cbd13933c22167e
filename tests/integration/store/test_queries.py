import asyncio
from typing import Any

import pytest
from sqlalchemy import String, bindparam, func, literal, select

from clipzy_server.domain.errors import ErrorCode, Invalid, Unavailable
from clipzy_server.store import session
from clipzy_server.store.database import Database
from clipzy_server.store.queries import Query

_PID = Query(select(func.pg_backend_pid().label("pid")))
_SLEEP = Query(select(func.pg_sleep(bindparam("pause_s", 60))))
_ECHO = Query(select(bindparam("said", type_=String).label("said"), literal("again").label("constant")))


async def _pid(database: Database) -> Any:
    return (await database.fetch(_PID))[0]["pid"]


async def test_a_row_is_read_by_the_names_of_its_columns(database: Database) -> None:
    (row,) = await database.fetch(_ECHO, said="hello")
    assert (row["said"], row["constant"]) == ("hello", "again")


async def test_a_missing_value_is_named(database: Database) -> None:
    with pytest.raises(KeyError, match="said"):
        await database.fetch(_ECHO)


async def test_a_connection_is_used_again(database: Database) -> None:
    assert await _pid(database) == await _pid(database)


async def test_a_connection_that_was_closed_meanwhile_is_replaced(database: Database) -> None:
    pid = await _pid(database)
    terminate = Query(select(func.pg_terminate_backend(pid)))
    # Two at once: the second one has a connection of its own.
    with pytest.raises(Unavailable):
        await asyncio.gather(database.fetch(_SLEEP), database.fetch(terminate))

    assert await _pid(database) != pid


async def test_a_connection_that_rested_long_is_replaced(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = await _pid(database)
    monkeypatch.setattr(session, "_MARGIN_S", 60.0)
    assert await _pid(database) != pid
    assert len(database._readers._idle) == 1


async def test_a_cancelled_query_takes_its_connection_along(database: Database) -> None:
    pid = await _pid(database)
    sleeping = asyncio.create_task(database.fetch(_SLEEP))
    await asyncio.sleep(0)
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping

    assert await _pid(database) != pid


async def test_a_text_that_cannot_be_held_is_invalid(database: Database) -> None:
    with pytest.raises(Invalid) as refused:
        await database.fetch(_ECHO, said="\0")
    assert refused.value.code is ErrorCode.VALIDATION_ERROR


async def test_a_database_that_is_away_is_unavailable(tmp_path: object) -> None:
    database = Database(f"postgresql://clipzy@/clipzy?host={tmp_path}")
    with pytest.raises(Unavailable):
        await database.fetch(_PID)
    await database.close()

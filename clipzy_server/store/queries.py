"""Queries that callers wait for: written with SQLAlchemy, compiled once, run by asyncpg alone.

SQLAlchemy's own way from a statement to its rows takes ten times as long as PostgreSQL and asyncpg together.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

from pydantic_core import from_json, to_json
from sqlalchemy import ClauseElement
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.sql.compiler import SQLCompiler

from clipzy_server.store.session import Session

Row = Any
"""A row by its columns' names, `row["job_id"]`: asyncpg's `Record`, or the `_mapping` of a row of SQLAlchemy's."""

_DIALECT = dialect()  # type: ignore[no-untyped-call] # SQLAlchemy's own


class Query:
    """One statement with named values (`bindparam`)."""

    def __init__(self, statement: ClauseElement) -> None:
        compiled = cast(SQLCompiler, statement.compile(dialect=_DIALECT))
        self.sql = str(compiled)
        self._names = tuple(compiled.positiontup or ())
        self._constants = {name: value for name, value in compiled.params.items() if value is not None}

    def arguments(self, values: dict[str, Any]) -> list[Any]:
        """The values in the order of their placeholders. Raises KeyError naming a missing one."""
        values = {**self._constants, **values}
        return [values[name] for name in self._names]


class Readers:
    """At most `size` connections that run queries, each its own transaction; opened when they are needed."""

    def __init__(self, connect: Callable[[], Awaitable[Session]], size: int) -> None:
        self._connect = connect
        self._room = asyncio.Semaphore(size)
        self._idle: list[Session] = []

    async def fetch(self, query: Query, values: dict[str, Any]) -> list[Row]:
        """All rows. Raises what asyncpg raises, OSError where nothing answers."""
        async with self._room:
            connection = self._take() or await self._open()
            try:
                rows: list[Row] = await connection.fetch(query.sql, *query.arguments(values))
            except BaseException:
                # A call that was cancelled leaves its query running.
                connection.terminate()
                raise
            connection.rest()
            self._idle.append(connection)
            return rows

    def close(self) -> None:
        """Close every connection that rests."""
        for connection in self._idle:
            connection.terminate()
        self._idle.clear()

    def _take(self) -> Session | None:
        """The connection that rested last, which is the likeliest to live."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_spent:
                return connection
            connection.terminate()
        return None

    async def _open(self) -> Session:
        connection = await self._connect()
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=to_json, decoder=from_json)
        return connection

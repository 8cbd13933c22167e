"""The connection pool and transactions of one PostgreSQL database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from clipzy_server.domain.errors import ClipzyError, ErrorCode, Invalid, Unavailable
from clipzy_server.store.queries import Query, Readers, Row
from clipzy_server.store.session import Session
from clipzy_server.store.urls import database_urls

# The second is what asyncpg says to a query on a connection that PostgreSQL has just ended.
_LOST = (asyncpg.InterfaceError, asyncpg.InternalClientError)


class Database:
    """One process's connections, opened when needed, ended when they no longer are. `close()` it at the end."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.urls = database_urls(url)
        self._engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=self._connect,
            pool_size=pool_size,
            max_overflow=pool_size,
            # The few that are needed are always the same ones: the others come to rest.
            pool_use_lifo=True,
            # An error's text goes to the log: the values, secrets among them, do not.
            hide_parameters=True,
        )
        event.listen(self._engine.sync_engine, "checkin", _note_rest)
        event.listen(self._engine.sync_engine, "checkout", _refuse_spent)
        self._reader = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._readers = Readers(self._connect, pool_size)

    async def _connect(self) -> Session:
        return await Session.open(self.urls.asyncpg)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: committed at the end of the block, rolled back by an exception.

        Raises Unavailable when the database cannot be reached.
        """
        async with self._connected(self._engine) as connection, connection.begin():
            yield connection

    async def fetch(self, query: Query, **values: Any) -> list[Row]:
        """The rows of a query, which is its own transaction.

        Raises Unavailable when the database cannot be reached, Invalid for a text that it cannot hold.
        """
        try:
            return await self._readers.fetch(query, values)
        except (OSError, *_LOST) as error:
            raise _unavailable() from error
        except asyncpg.PostgresError as error:
            raise _told(error.sqlstate or "") or error from error

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection for single statements, each its own transaction."""
        async with self._connected(self._reader) as connection:
            yield connection

    @staticmethod
    @asynccontextmanager
    async def _connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        connection = engine.connect()
        try:
            await connection.start()
        except (OSError, *_LOST, asyncpg.PostgresError, DBAPIError, NoConnectionFree) as error:
            raise _unavailable() from error
        try:
            yield connection
        except _LOST as error:
            raise _unavailable() from error
        except DBAPIError as error:
            raise _of_driver(error) or error from error
        finally:
            await connection.close()

    async def close(self) -> None:
        """Close every connection."""
        self._readers.close()
        await self._engine.dispose()


def _note_rest(connection: Any, _: object) -> None:
    if connection is not None:
        connection.driver_connection.rest()


def _refuse_spent(connection: Any, *_: object) -> None:
    """Has the pool replace it."""
    if connection.driver_connection.is_spent:
        raise DisconnectionError


# What PostgreSQL says to a NUL in a text and in JSON.
_UNSTORABLE_TEXT = ("22021", "22P05")
# SQLSTATE classes: 08 connection, 53 out of resources, 57P operator intervention, 58 system error.
_OUTAGES = ("08", "53", "57P", "58")


def _of_driver(error: DBAPIError) -> ClipzyError | None:
    return _unavailable() if error.connection_invalidated else _told(getattr(error.orig, "sqlstate", None) or "")


def _told(state: str) -> ClipzyError | None:
    """What callers are told of an error with this SQLSTATE; None where they could not have caused it."""
    if state.startswith(_OUTAGES):
        return _unavailable()
    if state in _UNSTORABLE_TEXT:
        detail = "Texts must not contain the character NUL."
        return Invalid(ErrorCode.VALIDATION_ERROR, "Invalid text", detail)
    return None


def _unavailable() -> Unavailable:
    return Unavailable(ErrorCode.UNAVAILABLE, "The database does not answer", "Try again in a moment.")

"""Keeps the house: from time to time one of the workers removes what is over and what nobody knows of any more."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import asyncpg

from clipzy_server.domain.errors import Unavailable
from clipzy_server.store.database import Database
from clipzy_server.store.session import KEEPALIVES
from clipzy_server.usecases.retention import Retention

_JANITOR_LOCK = 0x636C706A
"""Whoever holds it cleans: "clpj"."""

_CONNECT_TIMEOUT_S = 5.0
_SWEEPING_INTERVAL_S = 20.0
"""Of what costs next to nothing when there is nothing to do."""

_log = logging.getLogger("clipzy.janitor")


class Janitor:
    """Every worker has one; of those that want to clean at the same time one does, every `interval_s` seconds."""

    def __init__(self, database: Database, retention: Retention, *, interval_s: float) -> None:
        self._database = database
        self._retention = retention
        self._interval_s = interval_s

    async def run(self) -> None:
        """Clean until cancelled."""
        sweeping = self._repeat(self._sweep, min(self._interval_s, _SWEEPING_INTERVAL_S))
        await asyncio.gather(sweeping, self._repeat(self.clean, self._interval_s))

    async def _repeat(self, action: Callable[[], Awaitable[object]], interval_s: float) -> None:
        while True:
            try:
                await action()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, Unavailable) as error:
                _log.warning("cleaning was cut short: %s", type(error).__name__)
            except Exception:  # noqa: BLE001 - whatever one round met, the next one may not
                _log.exception("cleaning was cut short")
            await asyncio.sleep(interval_s)

    async def _sweep(self) -> None:
        if gone := await self._retention.sweep():
            _log.info("removed what %d crashed processes had left", gone)
        if jobs := await self._retention.tidy():
            _log.info("tidied %d ended jobs", jobs)

    async def clean(self) -> bool:
        """One round; False when another janitor is at it."""
        connection = await asyncpg.connect(
            self._database.urls.asyncpg, timeout=_CONNECT_TIMEOUT_S, server_settings=KEEPALIVES
        )
        try:
            # The lock ends with this connection. Two at once would do no harm, only the same work twice.
            if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _JANITOR_LOCK):
                return False
            jobs, litter = await self._retention.expire(), await self._retention.collect()
        finally:
            connection.terminate()
        if jobs or litter:
            _log.info("removed %d expired jobs and %d leftovers", jobs, litter)
        return True

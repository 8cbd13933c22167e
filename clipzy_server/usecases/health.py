"""Can requests be served, and by whom?"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import text

from clipzy_server.domain.errors import Unavailable
from clipzy_server.store import workers
from clipzy_server.store.blobs import Blobs
from clipzy_server.store.database import Database


class HealthStatus(StrEnum):
    """`degraded`: requests are answered, but jobs wait or uploads are refused."""

    OK = "ok"
    DEGRADED = "degraded"


@dataclass(frozen=True, slots=True)
class HealthReport:
    """Each dependency with a word: `ok`, `unavailable`, `full`, `none`.

    A sandbox that is `partial` or `off` is told, but is no failure: somebody wants it so.
    """

    status: HealthStatus
    version: str
    timestamp: datetime
    dependencies: dict[str, str]
    is_ready: bool


@dataclass(frozen=True, slots=True)
class HealthRules:
    """`alive_within_s`: a worker that beat within that time counts as alive; `sandbox` is the word for the sandbox."""

    free_disk_reserve_bytes: int = 0
    alive_within_s: float = 15.0
    timeout_s: float = 2.0
    sandbox: str = "ok"


class Health:
    """Asks everything that Clipzy stands on."""

    def __init__(self, database: Database, blobs: Blobs, version: str, rules: HealthRules | None = None) -> None:
        self._database = database
        self._blobs = blobs
        self._version = version
        self._rules = rules or HealthRules()

    async def check(self) -> HealthReport:
        """Ask every dependency; never raises for one that is away. Not ready without the database."""
        database, alive = await self._ask_database()
        storage = "ok" if self._blobs.free_bytes() >= self._rules.free_disk_reserve_bytes else "full"
        found = {"database": database, "storage": storage, "workers": "ok" if alive else "none"}
        status = HealthStatus.OK if set(found.values()) == {"ok"} else HealthStatus.DEGRADED
        told = {**found, "sandbox": self._rules.sandbox}
        return HealthReport(status, self._version, datetime.now(UTC), told, is_ready=database == "ok")

    async def _ask_database(self) -> tuple[str, int]:
        try:
            async with asyncio.timeout(self._rules.timeout_s), self._database.reading() as connection:
                await connection.execute(text("SELECT 1"))
                return "ok", await workers.count_alive(connection, self._rules.alive_within_s)
        except (Unavailable, TimeoutError):
            return "unavailable", 0

"""What one owner may have at once. Each check runs in the transaction that adds, under a lock: never one too many."""

from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain.errors import ErrorCode, Exhausted
from clipzy_server.domain.owner import Owner
from clipzy_server.domain.usage import Meter, Usage
from clipzy_server.store import usage
from clipzy_server.store.database import Database
from clipzy_server.store.turns import lock_line
from clipzy_server.usecases.rates import RequestRates
from clipzy_server.usecases.requests import Limits

_RETRY_JOB_S = 10.0
_RETRY_BYTES_S = 60.0


async def check_jobs(connection: AsyncConnection, owner_id: str, limits: Limits, *, added: int = 0) -> None:
    """Raises Exhausted when the owner's active jobs, those of this transaction included, and `added` are too many."""
    if not limits.quota_active_jobs:
        return
    await lock_line(connection, owner_id)
    if await usage.count_active_jobs(connection, owner_id) + added > limits.quota_active_jobs:
        raise _exceeded(f"At most {limits.quota_active_jobs} jobs may be queued or processing.", _RETRY_JOB_S)


async def check_bytes(connection: AsyncConnection, owner_id: str, limits: Limits) -> None:
    """Raises Exhausted when the owner's stored bytes, those of this transaction included, are too many."""
    if not limits.quota_stored_bytes:
        return
    await usage.lock_storage(connection, owner_id)
    if await usage.count_stored_bytes(connection, owner_id) > limits.quota_stored_bytes:
        raise bytes_exceeded(limits)


async def room_for_bytes(connection: AsyncConnection, owner_id: str, limits: Limits) -> int | None:
    """Bytes that the owner may still store, as things stand; None where there is no quota."""
    if not limits.quota_stored_bytes:
        return None
    return max(0, limits.quota_stored_bytes - await usage.count_stored_bytes(connection, owner_id))


def bytes_exceeded(limits: Limits) -> Exhausted:
    """The refusal of bytes over the quota."""
    mebibytes = limits.quota_stored_bytes / 1024**2
    return _exceeded(f"At most {mebibytes:g} MiB may be stored; delete videos to make room.", _RETRY_BYTES_S)


class Usages:
    """What owners use of their quotas."""

    def __init__(self, database: Database, rates: RequestRates, limits: Limits) -> None:
        self._database = database
        self._rates = rates
        self._limits = limits

    async def of(self, owner: Owner) -> Usage:
        """Everything that has a quota, as it stands."""
        async with self._database.reading() as connection:
            stored_bytes = await usage.count_stored_bytes(connection, owner.owner_id)
            active_jobs = await usage.count_active_jobs(connection, owner.owner_id)
        return Usage(
            stored_bytes=Meter(stored_bytes, self._limits.quota_stored_bytes or None),
            active_jobs=Meter(active_jobs, self._limits.quota_active_jobs or None),
            requests_per_minute=self._rates.meter(owner.owner_id),
        )


def _exceeded(detail: str, retry_after_s: float) -> Exhausted:
    return Exhausted(ErrorCode.QUOTA_EXCEEDED, "Quota exceeded", detail, retry_after_s=retry_after_s)

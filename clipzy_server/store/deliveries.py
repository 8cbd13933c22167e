"""Rows of webhook deliveries as `Delivery`s, and who tries which of them now.

A try is leased: whoever has the lease tries, and writes down what came of it. The lease of a process that died runs
out, and another one tries again; so each message is delivered at least once, and by one process at a time.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, bindparam, func, insert, literal_column, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain import codec
from clipzy_server.domain.ids import new_id
from clipzy_server.domain.job import Job
from clipzy_server.domain.page import Page, PageRequest
from clipzy_server.domain.webhook import Delivery, DeliveryAttempt, DeliveryState
from clipzy_server.store.database import Database
from clipzy_server.store.pages import paged, read_page
from clipzy_server.store.queries import Row
from clipzy_server.store.tables import DeliveryRow, table_of

OUTBOX_CHANNEL = "clipzy_outbox"
"""Told of when a delivery becomes due at once."""

MOST_ATTEMPTS = 100
"""Older ones are forgotten: an owner may send a message again any number of times."""

_delivery = table_of(DeliveryRow)
_shown = (_delivery.c.delivery_id, _delivery.c.job_id, _delivery.c.url, _delivery.c.attempts, _delivery.c.state)
_job_id = bindparam("job_id", type_=String)
_NEWEST = paged(
    select(*_shown)
    .where(_delivery.c.owner_id == bindparam("owner_id"), or_(_job_id.is_(None), _delivery.c.job_id == _job_id))
    .order_by(_delivery.c.created_at.desc(), _delivery.c.delivery_id.desc())
)

_TELL = text(f"SELECT pg_notify('{OUTBOX_CHANNEL}', '')")

# Every owner has its turns: a backlog, or receivers that hang, hold up that owner's messages alone.
_LEASE = text(
    """
    WITH busy AS (
      SELECT owner_id, count(*) AS tries FROM clipzy.webhook_delivery
      WHERE leased_until > clock_timestamp() GROUP BY owner_id
    ), queue AS (
      SELECT delivery_id, COALESCE(busy.tries, 0) + row_number() OVER (PARTITION BY owner_id ORDER BY due_at) AS turn
      FROM clipzy.webhook_delivery LEFT JOIN busy USING (owner_id)
      WHERE state = 'pending' AND due_at <= clock_timestamp()
        AND (leased_until IS NULL OR leased_until <= clock_timestamp())
    ), taken AS (
      SELECT d.delivery_id FROM clipzy.webhook_delivery d JOIN queue USING (delivery_id)
      WHERE turn <= :per_owner AND d.state = 'pending' AND d.due_at <= clock_timestamp()
        AND (d.leased_until IS NULL OR d.leased_until <= clock_timestamp())
      ORDER BY turn, d.due_at LIMIT :at_most
      FOR UPDATE OF d SKIP LOCKED
    )
    UPDATE clipzy.webhook_delivery d SET leased_until = clock_timestamp() + make_interval(secs => :lease_s)
    FROM taken WHERE d.delivery_id = taken.delivery_id
    RETURNING d.delivery_id, d.owner_id, d.job_id, d.url, d.tries, d.due_at, d.leased_until
    """
)


@dataclass(frozen=True, slots=True)
class LeasedDelivery:
    """A delivery that is ours to try until `leased_until`; `tries` of this round were made before."""

    delivery_id: str
    owner_id: str
    job_id: str
    url: str
    tries: int
    due_at: datetime
    leased_until: datetime


async def insert_delivery(connection: AsyncConnection, job: Job, url: str) -> None:
    """Add the message of a job that has just ended, due at once."""
    now = func.clock_timestamp()
    values = {
        "delivery_id": new_id("dlv"),
        "owner_id": job.owner_id,
        "job_id": job.job_id,
        "url": url,
        "state": DeliveryState.PENDING.value,
        "tries": 0,
        "created_at": now,
        "due_at": now,
    }
    await connection.execute(insert(_delivery).values(values))
    await connection.execute(_TELL)


async def list_deliveries(database: Database, owner_id: str, page: PageRequest, job_id: str | None) -> Page[Delivery]:
    """A page of the owner's deliveries, newest first, of one job or of all."""
    return await read_page(database, _NEWEST, page, _to_delivery, owner_id=owner_id, job_id=job_id)


async def send_again(connection: AsyncConnection, owner_id: str, delivery_id: str) -> Delivery | None:
    """Begin a new round of tries, now; None when the owner has no such delivery."""
    statement = (
        update(_delivery)
        .where(_delivery.c.delivery_id == delivery_id, _delivery.c.owner_id == owner_id)
        .values(state=DeliveryState.PENDING.value, tries=0, due_at=func.clock_timestamp())
        .returning(*_shown)
    )
    row = (await connection.execute(statement)).one_or_none()
    await connection.execute(_TELL)
    return _to_delivery(row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public accessor


async def lease_due(
    connection: AsyncConnection, *, at_most: int, per_owner: int, lease_s: float
) -> tuple[LeasedDelivery, ...]:
    """Take deliveries whose time has come, of no owner more than `per_owner` at once in all processes together."""
    values = {"at_most": at_most, "per_owner": per_owner, "lease_s": lease_s}
    return tuple(LeasedDelivery(*row) for row in await connection.execute(_LEASE, values))


async def write_down(
    connection: AsyncConnection, leased: LeasedDelivery, attempt: DeliveryAttempt, pause_s: float | None
) -> None:
    """Note a try and end its lease; after a failed one the next comes in `pause_s`, or never when that is None.

    The round goes its own way where the owner asked to send the message again meanwhile, or where the lease ran out
    and somebody else has it.
    """
    query = select(_delivery).where(_delivery.c.delivery_id == leased.delivery_id).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return  # deleted with its job
    changes: dict[str, Any] = {"attempts": [*row.attempts, codec.to_plain(attempt)][-MOST_ATTEMPTS:]}
    if row.leased_until == leased.leased_until:
        changes["leased_until"] = None
        if row.due_at == leased.due_at:
            changes |= _outcome(leased, attempt, pause_s)
    await connection.execute(update(_delivery).where(_delivery.c.delivery_id == leased.delivery_id).values(changes))


async def give_back(connection: AsyncConnection, leased: LeasedDelivery) -> None:
    """End the lease of a delivery that was not tried to its end: it is due again."""
    ours = (_delivery.c.delivery_id == leased.delivery_id) & (_delivery.c.leased_until == leased.leased_until)
    await connection.execute(update(_delivery).where(ours).values(leased_until=None))
    await connection.execute(_TELL)


def _outcome(leased: LeasedDelivery, attempt: DeliveryAttempt, pause_s: float | None) -> dict[str, Any]:
    if attempt.is_success:
        return {"state": DeliveryState.DELIVERED.value}
    if pause_s is None:
        return {"state": DeliveryState.FAILED.value}
    due_at = func.clock_timestamp() + literal_column(f"interval '{pause_s:.3f} seconds'")
    return {"tries": leased.tries + 1, "due_at": due_at}


def _to_delivery(row: Row) -> Delivery:
    attempts = codec.from_plain(tuple[DeliveryAttempt, ...], row["attempts"])
    return Delivery(row["delivery_id"], row["job_id"], row["url"], attempts, DeliveryState(row["state"]))

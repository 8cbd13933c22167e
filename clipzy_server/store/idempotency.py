"""First answers to creates, kept under the caller's key."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.store.tables import IdempotencyRow, table_of

_row = table_of(IdempotencyRow)


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A caller's key within an operation, and the SHA-256 of what was asked under it."""

    owner_id: str
    operation: str
    key: str
    request_sha256: str


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """What was asked first under a key (its SHA-256), and the answer as plain JSON."""

    request_sha256: str
    answer: dict[str, Any]


async def claim(connection: AsyncConnection, key: IdempotencyKey, ttl_s: float) -> FirstAnswer | None:
    """None when the key is ours now, until the transaction ends; else the first answer.

    Waits for a transaction that holds the same key: of any number at once exactly one gets None.
    """
    await connection.execute(delete(_row).where(_is(key), _row.c.created_at < _ago(ttl_s)))
    statement = insert(_row).values(
        owner_id=key.owner_id,
        operation=key.operation,
        key=key.key,
        request_sha256=key.request_sha256,
        created_at=func.clock_timestamp(),
    )
    if (await connection.execute(statement.on_conflict_do_nothing())).rowcount:
        return None
    return await find_answer(connection, key, ttl_s)


async def find_answer(connection: AsyncConnection, key: IdempotencyKey, ttl_s: float) -> FirstAnswer | None:
    """The first answer under the key, or None."""
    query = select(_row.c.request_sha256, _row.c.answer).where(_is(key), _row.c.created_at >= _ago(ttl_s))
    row = (await connection.execute(query)).one_or_none()
    return FirstAnswer(row.request_sha256, row.answer) if row else None


async def keep_answer(connection: AsyncConnection, key: IdempotencyKey, answer: dict[str, Any]) -> None:
    """Keep the answer under the key that was claimed in this transaction."""
    await connection.execute(update(_row).where(_is(key)).values(answer=answer))


def _is(key: IdempotencyKey) -> Any:
    return (_row.c.owner_id == key.owner_id) & (_row.c.operation == key.operation) & (_row.c.key == key.key)


def _ago(ttl_s: float) -> Any:
    return func.clock_timestamp() - literal_column(f"interval '{ttl_s:.3f} seconds'")

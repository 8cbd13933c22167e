"""Rows of secrets that sign webhooks. They are kept as they are: a signature needs the secret itself."""

from sqlalchemy import delete, func, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.store.tables import WebhookSecretRow, table_of

_secret = table_of(WebhookSecretRow)


async def list_secrets(connection: AsyncConnection, owner_id: str) -> tuple[str, ...]:
    """The owner's secrets that count now, the newest first."""
    valid = or_(_secret.c.expires_at.is_(None), _secret.c.expires_at > func.clock_timestamp())
    query = select(_secret.c.secret).where(_secret.c.owner_id == owner_id, valid)
    rows = await connection.execute(query.order_by(_secret.c.expires_at.desc().nulls_first()))
    return tuple(row.secret for row in rows)


async def insert_secret(connection: AsyncConnection, owner_id: str, secret: str) -> None:
    """Add the owner's current secret unless there is one."""
    values = {"secret": secret, "owner_id": owner_id, "created_at": func.clock_timestamp()}
    await connection.execute(insert(_secret).values(values).on_conflict_do_nothing())


async def retire_secret(connection: AsyncConnection, owner_id: str, grace_s: float) -> None:
    """Let the current secret end in `grace_s`, and forget those that have ended."""
    mine = _secret.c.owner_id == owner_id
    await connection.execute(delete(_secret).where(mine, _secret.c.expires_at <= func.clock_timestamp()))
    end = func.clock_timestamp() + literal_column(f"interval '{grace_s:.3f} seconds'")
    await connection.execute(update(_secret).where(mine, _secret.c.expires_at.is_(None)).values(expires_at=end))

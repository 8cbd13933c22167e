"""Rows of owners and tokens as `Owner`s."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain.owner import Owner
from clipzy_server.store.tables import OwnerRow, TokenRow, table_of

_owner = table_of(OwnerRow)
_token = table_of(TokenRow)


async def ensure_owner(connection: AsyncConnection, owner: Owner) -> Owner:
    """The owner of this name, added with the given id when there is none."""
    values = {"owner_id": owner.owner_id, "name": owner.name, "created_at": func.clock_timestamp()}
    await connection.execute(insert(_owner).values(values).on_conflict_do_nothing(index_elements=["name"]))
    query = select(_owner.c.owner_id, _owner.c.name).where(_owner.c.name == owner.name)
    row = (await connection.execute(query)).one()
    return Owner(row.owner_id, row.name)


async def insert_token(connection: AsyncConnection, owner_id: str, sha256: str) -> None:
    """Let whoever knows the token with this SHA-256 act as the owner."""
    values = {"sha256": sha256, "owner_id": owner_id, "created_at": func.clock_timestamp()}
    await connection.execute(insert(_token).values(values).on_conflict_do_nothing())


async def find_token_owner(connection: AsyncConnection, sha256: str) -> Owner | None:
    """The owner of the token with this SHA-256, or None."""
    query = (
        select(_owner.c.owner_id, _owner.c.name)
        .join(_token, _token.c.owner_id == _owner.c.owner_id)
        .where(_token.c.sha256 == sha256)
    )
    row = (await connection.execute(query)).one_or_none()
    return Owner(row.owner_id, row.name) if row else None

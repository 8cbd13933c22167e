"""Rows of owners as `Owner`s."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain.owner import Owner
from clipzy_server.store.tables import OwnerRow, table_of

_owner = table_of(OwnerRow)


async def ensure_owner(connection: AsyncConnection, owner: Owner) -> Owner:
    """The owner of this name, added with the given id when there is none."""
    values = {"owner_id": owner.owner_id, "name": owner.name, "created_at": func.clock_timestamp()}
    await connection.execute(insert(_owner).values(values).on_conflict_do_nothing(index_elements=["name"]))
    found = await find_owner(connection, owner.name)
    assert found is not None  # noqa: S101 - owners are never deleted
    return found


async def find_owner(connection: AsyncConnection, name: str) -> Owner | None:
    """The owner of this name, or None."""
    query = select(_owner.c.owner_id, _owner.c.name).where(_owner.c.name == name)
    row = (await connection.execute(query)).one_or_none()
    return Owner(row.owner_id, row.name) if row else None

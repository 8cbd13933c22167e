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
    query = select(_owner.c.owner_id, _owner.c.name).where(_owner.c.name == owner.name)
    row = (await connection.execute(query)).one()
    return Owner(row.owner_id, row.name)

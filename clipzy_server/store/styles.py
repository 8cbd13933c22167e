"""Rows of saved styles as `SavedStyle`s."""

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain import codec
from clipzy_server.domain.page import Page, PageRequest
from clipzy_server.domain.style import SavedStyle, StyleDna
from clipzy_server.store.database import Database
from clipzy_server.store.pages import paged, read_page
from clipzy_server.store.queries import Query, Row
from clipzy_server.store.tables import StyleRow, table_of

_style = table_of(StyleRow)
_ONE = Query(
    select(_style).where(_style.c.style_id == bindparam("style_id"), _style.c.owner_id == bindparam("owner_id"))
)
_NEWEST = paged(
    select(_style)
    .where(_style.c.owner_id == bindparam("owner_id"))
    .order_by(_style.c.created_at.desc(), _style.c.style_id.desc())
)


async def insert_style(connection: AsyncConnection, owner_id: str, saved: SavedStyle) -> None:
    """Add the row."""
    await connection.execute(
        insert(_style).values(
            style_id=saved.style_id,
            owner_id=owner_id,
            name=saved.name,
            style=codec.to_plain(saved.style),
            created_at=saved.created_at,
        )
    )


async def find_style(database: Database, owner_id: str, style_id: str) -> SavedStyle | None:
    """The owner's style, or None."""
    rows = await database.fetch(_ONE, style_id=style_id, owner_id=owner_id)
    return _to_style(rows[0]) if rows else None


async def list_styles(database: Database, owner_id: str, page: PageRequest) -> Page[SavedStyle]:
    """A page of the owner's styles, newest first."""
    return await read_page(database, _NEWEST, page, _to_style, owner_id=owner_id)


async def delete_style(connection: AsyncConnection, owner_id: str, style_id: str) -> bool:
    """Delete the owner's style; False when there is none."""
    statement = delete(_style).where(_style.c.style_id == style_id, _style.c.owner_id == owner_id)
    return bool((await connection.execute(statement)).rowcount)


def _to_style(row: Row) -> SavedStyle:
    return SavedStyle(row["style_id"], row["name"], codec.from_plain(StyleDna, row["style"]), row["created_at"])

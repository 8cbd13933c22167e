"""One page of a list and the length of the whole, in one round trip."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Row, Select, bindparam, func
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain.page import Page, PageRequest

T = TypeVar("T")


def paged(every: Select[Any]) -> Select[Any]:
    """`every` row in its order, cut to the page that `read_page` asks for; each row tells how many there are."""
    count = every.with_only_columns(func.count(), maintain_column_froms=True).order_by(None).correlate(None)
    return (
        every.add_columns(count.scalar_subquery().label("of_all"))
        .offset(bindparam("skipped", type_=BigInteger))
        .limit(bindparam("wanted", type_=BigInteger))
    )


async def read_page(
    connection: AsyncConnection, query: Select[Any], page: PageRequest, to_value: Callable[[Any], T], **which: Any
) -> Page[T]:
    """The page of a `paged` query, whose other parameters are `which`; one past the end is empty."""

    async def rows(skipped: int, wanted: int) -> list[Row[Any]]:
        return list(await connection.execute(query, {**which, "skipped": skipped, "wanted": wanted}))

    found = await rows((page.page - 1) * page.page_size, page.page_size)
    # Without a row of its own the page asks the first one.
    counted = found or (await rows(0, 1) if page.page > 1 else [])
    return Page(tuple(map(to_value, found)), counted[0].of_all if counted else 0, page.page, page.page_size)

"""One page of a list and the length of the whole, in one round trip."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Select, bindparam, func

from clipzy_server.domain.page import Page, PageRequest
from clipzy_server.store.database import Database
from clipzy_server.store.queries import Query, Row

T = TypeVar("T")


def paged(every: Select[Any]) -> Query:
    """`every` row in its order, cut to the page that `read_page` asks for; each row tells how many there are."""
    count = every.with_only_columns(func.count(), maintain_column_froms=True).order_by(None).correlate(None)
    return Query(
        every.add_columns(count.scalar_subquery().label("of_all"))
        .offset(bindparam("skipped", type_=BigInteger))
        .limit(bindparam("wanted", type_=BigInteger))
    )


async def read_page(
    database: Database, query: Query, page: PageRequest, to_value: Callable[[Row], T], **which: Any
) -> Page[T]:
    """The page of a `paged` query, whose other parameters are `which`; one past the end is empty."""
    skipped = (page.page - 1) * page.page_size
    found = await database.fetch(query, **which, skipped=skipped, wanted=page.page_size)
    counted = found
    if not found and page.page > 1:
        # Without a row of its own the page asks the first one.
        counted = await database.fetch(query, **which, skipped=0, wanted=1)
    return Page(tuple(map(to_value, found)), counted[0]["of_all"] if counted else 0, page.page, page.page_size)

"""Query parameters, checked by name: a typo must not vanish."""

import re
from enum import StrEnum
from typing import TypeVar
from urllib.parse import parse_qsl

from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.domain.page import PageRequest
from clipzy_server.rest.exchange import Context, original_path

E = TypeVar("E", bound=StrEnum)

# Far beyond any list, far within the database's integers.
MAX_PAGE = 2**31 - 1
MAX_PAGE_SIZE = 100
_MAX_PARAMETERS = 20


def query_of(context: Context, *known: str) -> dict[str, str]:
    """The parameters sent, at most one of each of the `known` names; raises Invalid naming any other."""
    _, _, text = original_path(context).partition("?")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MAX_PARAMETERS)
    except ValueError as error:
        raise _invalid("The query cannot be read: it must be percent-encoded UTF-8.") from error
    query: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            raise _invalid(f"{name[:100]}: unknown query parameter.")
        if name in query:
            raise _invalid(f"{name}: given more than once.")
        query[name] = value
    return query


def page_of(query: dict[str, str]) -> PageRequest:
    """`page` ≥ 1 and `page_size` 1…100; raises Invalid naming the wrong one."""
    default = PageRequest()
    return PageRequest(
        page=_whole(query, "page", default.page, MAX_PAGE),
        page_size=_whole(query, "page_size", default.page_size, MAX_PAGE_SIZE),
    )


def choice_of(query: dict[str, str], name: str, kind: type[E]) -> E | None:
    """One of an enumeration's values, or None where the parameter is absent."""
    if name not in query:
        return None
    try:
        return kind(query[name])
    except ValueError as error:
        raise _invalid(f"{name}: must be one of {', '.join(kind)}.") from error


def _whole(query: dict[str, str], name: str, default: int, highest: int) -> int:
    if name not in query:
        return default
    text = query[name]
    if not re.fullmatch(r"[0-9]{1,10}", text) or not 1 <= int(text) <= highest:
        raise _invalid(f"{name}: must be a whole number 1…{highest}.")
    return int(text)


def _invalid(detail: str) -> Invalid:
    return Invalid(ErrorCode.VALIDATION_ERROR, "Invalid query parameter", detail)

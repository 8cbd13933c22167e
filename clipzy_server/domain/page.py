"""Pages of lists."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """`page` ≥ 1, `page_size` 1…100."""

    page: int = 1
    page_size: int = 10


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, newest first; a page past the end is empty."""

    items: tuple[T, ...]
    total: int
    page: int
    page_size: int

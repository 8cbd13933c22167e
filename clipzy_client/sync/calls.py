"""One call after another until it succeeds, is refused for good, or its time is up; and lists page by page."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc

from clipzy_client.sync.runtime import Channel, sleep
from clipzy_client.connection import Patience, may_repeat
from clipzy_client.errors import ClipzyError
from clipzy_client.refusals import from_rpc
from clipzy_client.types import Page

T = TypeVar("T")

PAGE_SIZE = 100


@dataclass(frozen=True)
class Calls:
    """The channel, the caller's metadata, and how patient the caller is."""

    channel: Channel
    metadata: tuple[tuple[str, str], ...]
    patience: Patience

    def answer(self, method: Any, request: Any, *, repeatable: bool = True) -> Any:
        """The answer to one request, tried again where that may help. Raises ClipzyError.

        `repeatable`: it does no harm to do it twice, as with everything that reads or carries an idempotency key.
        """

        def once(left_s: float | None) -> Any:
            return method(request, metadata=self.metadata, timeout=left_s)

        return self.tried(once, repeatable=repeatable, timeout_s=self.patience.timeout_s)

    def tried(
        self, once: Callable[[float | None], T], *, repeatable: bool, timeout_s: float | None
    ) -> T:
        """What `once` gives, which is told the seconds that are left."""
        begun_s = time.monotonic()
        tried = 0
        while True:
            left_s = None if timeout_s is None else timeout_s - (time.monotonic() - begun_s)
            try:
                return once(left_s)
            except grpc.RpcError as failed:
                tried += 1
                error = from_rpc(failed)
                pause_s = self.patience.pause_s(tried, error)
                late = left_s is not None and pause_s >= left_s
                if tried >= self.patience.tries or late or not may_repeat(error, repeatable=repeatable):
                    raise error from failed
            sleep(pause_s)

    def every(
        self, page_of: Callable[[int, int], Page[T]], key_of: Callable[[T], str]
    ) -> Iterator[T]:
        """All items of all pages. What moves to the next page while this goes on is not told twice."""
        seen: set[str] = set()
        number = 0
        while True:
            number += 1
            page = page_of(number, PAGE_SIZE)
            for item in page.items:
                if key_of(item) not in seen:
                    seen.add(key_of(item))
                    yield item
            if number * page.page_size >= page.total or not page.items:
                return


class Lifeline:
    """Counts the tries in a row that came no further, and pauses after each. Raises ClipzyError when it is over."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._fruitless = 0

    def came_further(self) -> None:
        """The line works."""
        self._fruitless = 0

    def broke(self, error: ClipzyError) -> None:
        """Waits before the next try."""
        self._fruitless += 1
        if self._fruitless >= self._patience.stream_tries:
            raise error
        sleep(self._patience.pause_s(self._fruitless, error))

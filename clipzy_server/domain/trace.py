"""Traces: the spans that a request's work is told as, from the call to the stages of its job and the webhook.

A span goes by its `traceparent` (https://www.w3.org/TR/trace-context/), which travels in the job's row.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

current_traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""The span of the call being served. Each call runs in its own task, so nothing has to be undone."""


class SpanKind(StrEnum):
    """Which side of a call a span is told from: `internal` where there is no call."""

    SERVER = "server"
    INTERNAL = "internal"
    CLIENT = "client"


@dataclass(slots=True)
class Span:
    """A piece of work, told when it ends. `failure` is a code or a fixed phrase: texts of errors may hold secrets."""

    traceparent: str | None = None
    attributes: dict[str, str | int] = field(default_factory=dict)
    failure: str | None = None


class Tracer(Protocol):
    """Tells of spans: to a collector, or (`Untraced`) to nobody."""

    @property
    def is_on(self) -> bool:
        """Whether anybody is told."""
        ...

    def span(
        self, name: str, kind: SpanKind, parent: str | None, begun_at: datetime | None = None
    ) -> AbstractContextManager[Span]:
        """A span that ends with the block. `begun_at`: when the work began, if not now.

        Only calls begin traces: without a parent any other span is told to nobody.
        """
        ...


class Untraced:
    """Tells nobody."""

    is_on = False

    @contextmanager
    def span(
        self, _name: str, _kind: SpanKind, _parent: str | None, _begun_at: datetime | None = None
    ) -> Iterator[Span]:
        """A span that goes nowhere."""
        yield Span()

"""One line per call: what was called, by whom, how it ended and how long it took; for metrics the same without whom."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from prometheus_client import Histogram

from clipzy_server.transport.call import Call, known_owner, status_of

_log = structlog.get_logger("clipzy.access")
_SECONDS = Histogram(
    "clipzy_request_seconds",
    "Calls served by this process, by method and gRPC status",
    ("method", "code"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60),
)


@contextmanager
def access_logged(call: Call, *, is_known: bool) -> Iterator[None]:
    """Writes the line when the call ends, however it ends. Whoever calls may invent methods: not `is_known` ones."""
    began = time.perf_counter()
    try:
        yield
    finally:
        owner = known_owner()
        code = status_of(call).name
        duration_s = time.perf_counter() - began
        _SECONDS.labels(call.method if is_known else "unknown", code).observe(duration_s)
        _log.info(
            "call",
            method=call.method,
            code=code,
            duration_ms=round(duration_s * 1000, 3),
            owner=owner.owner_id if owner else None,
            request_id=call.request_id,
        )

"""One line per call: what was called, by whom, how it ended and how long it took."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
import structlog

from clipzy_server.transport.call import Call, known_owner

_log = structlog.get_logger("clipzy.access")
_STATUS_NAMES = {code.value[0]: code.name for code in grpc.StatusCode}


@contextmanager
def access_logged(call: Call) -> Iterator[None]:
    """Writes the line when the call ends, however it ends."""
    began = time.perf_counter()
    cancelled = False
    try:
        yield
    except asyncio.CancelledError:
        cancelled = True
        raise
    finally:
        owner = known_owner()
        _log.info(
            "call",
            method=call.method,
            code="CANCELLED" if cancelled else _status_name(call),
            duration_ms=round((time.perf_counter() - began) * 1000, 3),
            owner=owner.owner_id if owner else None,
            request_id=call.request_id,
        )


def _status_name(call: Call) -> str:
    """The context holds the status as gRPC's number, and 0 or None as long as nothing was refused."""
    number = call.context.code()
    if isinstance(number, grpc.StatusCode):
        return number.name
    return _STATUS_NAMES.get(number, "OK")

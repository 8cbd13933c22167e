"""Whether there are traces at all: OpenTelemetry is imported only where a collector was named."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from clipzy_server.domain.trace import Tracer, Untraced

_LEAVE_WITHIN_S = 1.0
"""What the last spans get at the end: a collector that is away must not hold up a process that was told to stop."""


@asynccontextmanager
async def tracing(endpoint: str | None, process: str) -> AsyncIterator[Tracer]:
    """A tracer to the OTLP collector at `endpoint` (gRPC) while the block runs; without one nobody is told.

    `process` is what this one is called among the installation's.
    """
    if endpoint is None:
        yield Untraced()
        return
    from clipzy_server.app.spans import OtlpTracer  # noqa: PLC0415 - half a second that only those pay who asked

    tracer = OtlpTracer(endpoint, process)
    try:
        yield tracer
    finally:
        leaving = threading.Thread(target=tracer.close, name="clipzy-last-spans", daemon=True)
        leaving.start()
        await asyncio.to_thread(leaving.join, _LEAVE_WITHIN_S)

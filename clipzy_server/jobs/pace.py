"""Progress on its way to the database: at most two writes a second, the newest value wins."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from clipzy_server.domain.errors import Unavailable

WRITE_INTERVAL_S = 0.5

_log = logging.getLogger("clipzy.jobs")

Write = Callable[[float], Awaitable[None]]


@asynccontextmanager
async def paced(write: Write) -> AsyncIterator[Callable[[float], None]]:
    """Give a callback for shares 0…1 that never blocks and never fails; `write` gets the newest, a few times a second.

    A write that the database refuses is dropped: progress is a snapshot, the next one brings it up to date. One that is
    under way at the end of the block is waited for: cut off, it would cost its connection.
    """
    newest = 0.0
    fresh = asyncio.Event()
    writing = asyncio.Lock()

    def report(share: float) -> None:
        nonlocal newest
        newest = min(max(share, newest), 1.0)
        fresh.set()

    async def pump() -> None:
        while True:
            await fresh.wait()
            fresh.clear()
            try:
                async with writing:
                    await write(newest)
            except Unavailable as error:
                _log.warning("progress was not written: %s", error.detail)
            await asyncio.sleep(WRITE_INTERVAL_S)

    task = asyncio.create_task(pump())
    try:
        yield report
    finally:
        try:
            await writing.acquire()
        finally:
            task.cancel()
        await asyncio.wait({task})
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("progress stopped being written", exc_info=error)

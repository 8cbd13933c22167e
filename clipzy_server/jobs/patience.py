"""Writes that must happen: a job may not fail because the database was away for a minute."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from clipzy_server.domain.errors import Unavailable

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0

_log = logging.getLogger("clipzy.jobs")

T = TypeVar("T")


async def insist(call: Callable[[], Awaitable[T]]) -> T:
    """Repeat the call until the database answers. Other errors pass."""
    pause_s = FIRST_PAUSE_S
    while True:
        try:
            return await call()
        except Unavailable as error:
            _log.warning("the database is away, trying again in %.1f s: %s", pause_s, error.detail)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

"""Removes what has had its time. Every server does it: what two remove at once is removed."""

import asyncio
import logging

from clipzy_server.usecases.resumable import ResumableUploads

INTERVAL_S = 600.0

_log = logging.getLogger("clipzy.janitor")


async def keep_clean(uploads: ResumableUploads, interval_s: float = INTERVAL_S) -> None:
    """Remove resumable uploads that were not finished in time, now and every `interval_s`, until cancelled."""
    while True:
        try:
            gone = await uploads.remove_expired()
        except Exception:  # noqa: BLE001 - whatever it is, the next round tries again
            _log.exception("expired uploads could not be removed")
        else:
            if gone:
                _log.info("removed %d expired uploads", gone)
        await asyncio.sleep(interval_s)

"""Delivers the webhooks that the outbox holds, beside the jobs and never in their way."""

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from clipzy_server.domain.errors import Unavailable
from clipzy_server.domain.job import JobResult
from clipzy_server.domain.webhook import DeliveryAttempt
from clipzy_server.jobs.patience import insist
from clipzy_server.jobs.post import TIMEOUT_S, Message, Post
from clipzy_server.store.database import Database
from clipzy_server.store.deliveries import LeasedDelivery, give_back, lease_due, write_down
from clipzy_server.store.jobs import find_result
from clipzy_server.usecases.webhooks import WebhookSecrets

PAUSES_S = (5.0, 295.0, 1500.0, 5400.0, 10_800.0, 18_000.0)
"""After each failed try, so that the tries of a round come at 0, 5 s, 5 min, 30 min, 2 h, 5 h and 10 h."""

_JITTER = 0.1
_LEASE_S = 2 * TIMEOUT_S
_LEAVE_WITHIN_S = 1.0
"""What tries under way get when the process ends; the rest is tried again elsewhere."""

_log = logging.getLogger("clipzy.webhooks")

Render = Callable[[JobResult], bytes]
"""The body that tells of a job's end; of the same job always the same."""


@dataclass(frozen=True, slots=True)
class CourierSettings:
    """`poll_s`: how often the outbox is asked though nobody told of a delivery that is due.

    At most `at_once` tries run here, `per_owner` of one owner anywhere.
    """

    poll_s: float = 5.0
    at_once: int = 64
    per_owner: int = 8
    pauses_s: tuple[float, ...] = PAUSES_S


class Courier:
    """Tries deliveries between `start` and `close`. Several processes share the outbox."""

    def __init__(self, database: Database, post: Post, render: Render, settings: CourierSettings) -> None:
        self._database = database
        self._secrets = WebhookSecrets(database)
        self._post = post
        self._render = render
        self._settings = settings
        self._tries: set[asyncio.Task[None]] = set()
        self._due = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to deliver."""
        self._loop = asyncio.create_task(self._run())

    def wake(self) -> None:
        """Ask the outbox now."""
        self._due.set()

    async def close(self) -> None:
        """Begin no more tries; end those under way, or leave them to others."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.wait({self._loop})
        if self._tries:
            _, late = await asyncio.wait(self._tries, timeout=_LEAVE_WITHIN_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._due.clear()
            try:
                await self._begin_tries()
            except Unavailable as error:
                _log.warning("the database is away: %s", error.detail)
            except Exception:  # noqa: BLE001 - the outbox must be asked again, whatever happened; the log has the trace
                _log.exception("the outbox could not be asked")
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.poll_s):
                    await self._due.wait()

    async def _begin_tries(self) -> None:
        room = self._settings.at_once - len(self._tries)
        if room == 0:
            return
        async with self._database.transaction() as connection:
            due = await lease_due(connection, at_most=room, per_owner=self._settings.per_owner, lease_s=_LEASE_S)
        for leased in due:
            task = asyncio.create_task(self._try(leased))
            self._tries.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tries.discard(task)
        self.wake()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a delivery was given up, for now", exc_info=error)

    async def _try(self, leased: LeasedDelivery) -> None:
        try:
            message = await self._message(leased)
            if message is None:
                return
            attempt = await self._post.send(leased.url, message)
        except asyncio.CancelledError:
            async with self._database.transaction() as connection:
                await give_back(connection, leased)
            raise
        except Unavailable as error:
            _log.warning("delivery %s waits for the database: %s", leased.delivery_id, error.detail)
            return
        except Exception:  # noqa: BLE001 - what cannot be sent must not be tried for ever; the log has the trace
            _log.exception("delivery %s cannot be sent", leased.delivery_id)
            attempt = DeliveryAttempt(datetime.now(UTC), None, "The message could not be sent.")
        await insist(partial(self._write_down, leased, attempt))

    async def _message(self, leased: LeasedDelivery) -> Message | None:
        """What to send; None when the job, and the delivery with it, was deleted meanwhile."""
        result = await find_result(self._database, leased.owner_id, leased.job_id)
        if result is None:
            return None
        secrets = await self._secrets.signing(leased.owner_id)
        return Message(leased.delivery_id, self._render(result), secrets, result.job.traceparent)

    async def _write_down(self, leased: LeasedDelivery, attempt: DeliveryAttempt) -> None:
        pause_s = self._pause_s(leased.tries)
        async with self._database.transaction() as connection:
            await write_down(connection, leased, attempt, pause_s)
        if not attempt.is_success and pause_s is not None:
            asyncio.get_running_loop().call_later(pause_s, self.wake)
        _log.info("delivery %s: %s", leased.delivery_id, attempt.status or attempt.error)

    def _pause_s(self, tries: int) -> float | None:
        """Seconds until the next try after `tries` and one more; None after the last."""
        pauses_s = self._settings.pauses_s
        if tries >= len(pauses_s):
            return None
        return pauses_s[tries] * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - spreads load, keeps no secret

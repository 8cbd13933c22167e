"""Server-Sent Events: one bare Job an event, until it is terminal."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from google.api.httpbody_pb2 import HttpBody

from clipzy_server.domain.job import Job
from clipzy_server.rest.documented import Answer, text
from clipzy_server.rest.exchange import Context, request_header, send_head
from clipzy_server.rest.job_json import job_json

EVENT_STREAM = "text/event-stream"
HEARTBEAT_S = 15.0

EVENTS = Answer(
    "Server-Sent Events. `id` grows with each event, `event` is `job`, `data` the bare Job as JSON; a comment "
    "(`: …`) comes whenever nothing happened for 15 s. The stream ends after the event of a terminal status.",
    contents=(text(EVENT_STREAM),),
    headers={"cache-control": "`no-store`."},
)

_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


async def send_events(
    jobs: AsyncGenerator[Job, None], context: Context, heartbeat_s: float = HEARTBEAT_S
) -> AsyncGenerator[HttpBody, None]:
    """The changes of a job from `Last-Event-ID` on, and a comment whenever nothing happened for `heartbeat_s`."""
    seen = _last_event_id(context)
    started = False
    async with aclosing(_with_pauses(jobs, heartbeat_s)) as changes:
        async for job in changes:
            if job is not None and event_id(job) <= seen:
                continue
            if not started:
                await send_head(context, _HEADERS)
            yield HttpBody(content_type="" if started else EVENT_STREAM, data=_frame(job))
            started = True
            if job is not None:
                seen = event_id(job)
    if not started:
        await send_head(context, _HEADERS)
        yield HttpBody(content_type=EVENT_STREAM, data=b": nothing new\n\n")


def event_id(job: Job) -> int:
    """Microseconds since 1970 of the job's last change: grows with each and is the same for every watcher."""
    return round(job.updated_at.timestamp() * 1_000_000)


def _frame(job: Job | None) -> bytes:
    if job is None:
        return b": still here\n\n"
    return b"id: %d\nevent: job\ndata: %b\n\n" % (event_id(job), job_json(job).model_dump_json().encode())


def _last_event_id(context: Context) -> int:
    """0 where none or one that is not ours was sent."""
    text = request_header(context, "last-event-id") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else 0


async def _with_pauses(jobs: AsyncGenerator[Job, None], pause_s: float) -> AsyncGenerator[Job | None, None]:
    """The jobs, and None for each pause between them that lasts `pause_s`."""
    upcoming: asyncio.Future[Job] | None = None
    try:
        while True:
            upcoming = upcoming or asyncio.ensure_future(anext(jobs))
            done, _ = await asyncio.wait([upcoming], timeout=pause_s)
            if not done:
                yield None
                continue
            try:
                job = upcoming.result()
            except StopAsyncIteration:
                return
            upcoming = None
            yield job
    finally:
        if upcoming is not None:
            upcoming.cancel()
            with suppress(asyncio.CancelledError, StopAsyncIteration):
                await upcoming
        await jobs.aclose()

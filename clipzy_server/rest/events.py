"""The changes of a job as they happen, until it is terminal: Server-Sent Events, or one JSON document a line."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass

from google.api.httpbody_pb2 import HttpBody

from clipzy_server.domain.job import Job
from clipzy_server.rest.documented import Answer, job_events, json_lines
from clipzy_server.rest.exchange import Context, request_header, send_head
from clipzy_server.rest.job_json import JobJson, job_json

EVENT_STREAM = "text/event-stream"
JSON_LINES = "application/x-ndjson"
HEARTBEAT_S = 15.0

EVENTS = (
    Answer(
        "Server-Sent Events, each as the schema says; `id` grows with each. A comment (`: …`) comes whenever nothing "
        "happened for 15 s. The stream ends after the event of a terminal status. To whom "
        "`Accept: application/x-ndjson` asks for them the Jobs are sent as lines, the newest again in silence.",
        contents=(job_events(EVENT_STREAM, JobJson), json_lines(JSON_LINES, JobJson)),
        headers={"cache-control": "`no-store`."},
    ),
    Answer("Nothing will come: `Last-Event-ID` is the end of the job.", status=204),
)

_HEADERS = {"cache-control": "no-store", "vary": "accept", "x-accel-buffering": "no"}


@dataclass(frozen=True, slots=True)
class _Form:
    """How changes are written, and what fills the silence after one."""

    content_type: str
    change: Callable[[Job], bytes]
    silence: Callable[[Job], bytes]


async def send_events(
    jobs: AsyncGenerator[Job, None], context: Context, heartbeat_s: float = HEARTBEAT_S
) -> AsyncGenerator[HttpBody, None]:
    """The changes of a job from `Last-Event-ID` on, and a sign of life whenever nothing happened for `heartbeat_s`.

    Whoever has seen the end already is answered 204, which is how an EventSource is told not to come again.
    """
    form = _LINES if _wants_lines(context) else _EVENTS
    async with aclosing(_with_pauses(jobs, heartbeat_s)) as changes:
        newest = await anext(changes)
        if newest.status.is_terminal and _is_seen(newest, context):
            await send_head(context, _HEADERS, status=204)
            return
        await send_head(context, _HEADERS)
        first = form.silence(newest) if _is_seen(newest, context) else form.change(newest)
        yield HttpBody(content_type=form.content_type, data=first)
        async for job in changes:
            yield HttpBody(data=form.silence(newest) if job is newest else form.change(job))
            newest = job


def event_id(job: Job) -> int:
    """Microseconds since 1970 of the job's last change: grows with each and is the same for every watcher."""
    return round(job.updated_at.timestamp() * 1_000_000)


def _wants_lines(context: Context) -> bool:
    accepted = {part.partition(";")[0].strip().lower() for part in (request_header(context, "accept") or "").split(",")}
    return JSON_LINES in accepted and EVENT_STREAM not in accepted


def _is_seen(newest: Job, context: Context) -> bool:
    """Is `Last-Event-ID` the newest change? An older one has changes behind it; any other is none of this job's."""
    return request_header(context, "last-event-id") == str(event_id(newest))


def _json(job: Job) -> bytes:
    return job_json(job).model_dump_json().encode()


def _event(job: Job) -> bytes:
    return b"id: %d\nevent: job\ndata: %b\n\n" % (event_id(job), _json(job))


def _line(job: Job) -> bytes:
    return _json(job) + b"\n"


_EVENTS = _Form(EVENT_STREAM, _event, lambda _: b": still here\n\n")
# Lines have no comments, so the newest state is said again.
_LINES = _Form(JSON_LINES, _line, _line)


async def _with_pauses(jobs: AsyncGenerator[Job, None], pause_s: float) -> AsyncGenerator[Job, None]:
    """The jobs, the newest once more after each `pause_s` without another."""
    newest = await anext(jobs)
    upcoming: asyncio.Future[Job] | None = None
    try:
        while True:
            yield newest
            upcoming = upcoming or asyncio.ensure_future(anext(jobs))
            done, _ = await asyncio.wait([upcoming], timeout=pause_s)
            if not done:
                continue
            try:
                newest = upcoming.result()
            except StopAsyncIteration:
                return
            upcoming = None
    finally:
        if upcoming is not None:
            upcoming.cancel()
            with suppress(asyncio.CancelledError, StopAsyncIteration):
                await upcoming
        await jobs.aclose()

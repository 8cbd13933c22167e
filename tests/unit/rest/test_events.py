import asyncio
import json
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from clipzy_server.domain.errors import ErrorCode, NotFound
from clipzy_server.domain.job import Job, JobConfig, JobStatus
from clipzy_server.rest.events import event_id, send_events

AT = datetime(2024, 4, 5, 10, 30, tzinfo=UTC)
JOB = Job("job_1", "own_1", "vid_1", JobStatus.PROCESSING, 10, None, AT, AT, JobConfig())
DONE = replace(JOB, status=JobStatus.COMPLETED, updated_at=AT + timedelta(microseconds=1))


class Watching:
    """A call with request headers; keeps what is sent first."""

    def __init__(self, **headers):
        self._headers = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        self.head = None

    def invocation_metadata(self):
        return self._headers

    async def send_initial_metadata(self, metadata):
        assert self.head is None
        self.head = dict(metadata)


async def after(*jobs):
    for job in jobs:
        yield job


async def frames(jobs, context, **options):
    async with aclosing(send_events(jobs, context, **options)) as sent:
        return [frame async for frame in sent]


async def test_each_change_is_one_event_and_the_type_is_named_once():
    context = Watching()
    sent = await frames(after(JOB, DONE), context)
    assert [frame.content_type for frame in sent] == ["text/event-stream", ""]
    assert sent[1].data.startswith(b"id: %d\nevent: job\ndata: {" % event_id(DONE))
    assert sent[1].data.endswith(b"}\n\n")
    assert context.head["cache-control"] == "no-store"


async def test_what_was_seen_is_not_sent_again():
    sent = await frames(after(JOB, DONE), Watching(last_event_id=str(event_id(JOB))))
    assert sent[0].content_type == "text/event-stream"
    assert sent[0].data == b": still here\n\n"
    assert [b"event: job" in frame.data for frame in sent] == [False, True]


async def test_who_has_seen_the_end_is_told_not_to_come_again():
    context = Watching(last_event_id=str(event_id(DONE)))
    assert await frames(after(DONE), context) == []
    assert context.head["x-clipzy-http-status"] == "204"


@pytest.mark.parametrize("strange", ["", "x", "-1", "1" * 30, "١", str(event_id(DONE)), str(event_id(JOB) - 1)])
async def test_an_id_that_is_not_the_newest_starts_from_the_present(strange):
    sent = await frames(after(JOB), Watching(last_event_id=strange))
    assert b"event: job" in sent[0].data


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/x-ndjson", "application/x-ndjson"),
        ("text/html, Application/X-NDJSON; q=0.9", "application/x-ndjson"),
        ("application/x-ndjson, text/event-stream", "text/event-stream"),
        ("application/json", "text/event-stream"),
        ("*/*", "text/event-stream"),
    ],
)
async def test_lines_are_sent_to_whom_asks_for_them(accept, content_type):
    sent = await frames(after(JOB, DONE), Watching(accept=accept))
    assert sent[0].content_type == content_type


async def test_a_line_is_a_whole_job():
    sent = await frames(after(JOB, DONE), Watching(accept="application/x-ndjson"))
    lines = b"".join(frame.data for frame in sent).splitlines()
    assert [json.loads(line)["status"] for line in lines] == ["processing", "completed"]


@pytest.mark.parametrize("accept", ["text/event-stream", "application/x-ndjson"])
async def test_silence_is_filled_with_what_changes_nothing(accept):
    go_on = asyncio.Event()

    async def slow():
        yield JOB
        await go_on.wait()
        yield DONE

    async with aclosing(send_events(slow(), Watching(accept=accept), heartbeat_s=0)) as sent:
        first = (await anext(sent)).data
        second = (await anext(sent)).data
        assert second == (first if accept == "application/x-ndjson" else b": still here\n\n")
        go_on.set()
        rest = [frame.data async for frame in sent]
    assert b'"status":"completed"' in rest[-1]


async def test_a_watcher_that_goes_away_ends_the_watch():
    ended = asyncio.Event()

    async def endless():
        try:
            yield JOB
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with aclosing(send_events(endless(), Watching(), heartbeat_s=0)) as sent:
        await anext(sent)
        await anext(sent)
    assert ended.is_set()


async def test_nothing_is_promised_for_an_unknown_job():
    async def unknown():
        raise NotFound(ErrorCode.JOB_NOT_FOUND, "Job not found")
        yield JOB

    context = Watching()
    with pytest.raises(NotFound):
        await frames(unknown(), context)
    assert context.head is None

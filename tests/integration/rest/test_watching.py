"""Many watchers on one server through the gateway: all see the end, none holds another up, none leaves anything."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from clipzy_server.app.gateway import admin_answer
from clipzy_server.domain.job import Job, Stage
from clipzy_server.usecases.requests import NewJob

WATCHERS = 500


@dataclass(frozen=True)
class Watcher:
    """One open connection that asks for the events of a job."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def events(self) -> AsyncIterator[dict]:
        """The jobs as they come, until the stream ends."""
        async for line in self.reader:
            if line == b"0\r\n":
                return
            if line.startswith(b"data: "):
                yield json.loads(line.removeprefix(b"data: "))

    async def last(self) -> dict:
        async for job in self.events():
            newest = job
        return newest


@pytest.fixture
async def job(live) -> Job:
    video = await live.desk.upload(b"bytes of a video")
    return await live.desk.jobs.create(live.desk.owner, NewJob(video.video_id))


@asynccontextmanager
async def watchers(live, job: Job, count: int) -> AsyncIterator[list[Watcher]]:
    """Connections that have asked, all at once; they are closed without a word at the end."""
    token = live.http.headers["authorization"]
    request = f"GET /api/v1/jobs/{job.job_id}/events HTTP/1.1\r\nhost: x\r\nauthorization: {token}\r\n\r\n".encode()

    async def ask() -> Watcher:
        # The reader takes little ahead, so that one who does not read is felt by the gateway.
        reader, writer = await asyncio.open_connection("127.0.0.1", live.gateway.port, limit=1024)
        writer.write(request)
        return Watcher(reader, writer)

    asked = await asyncio.gather(*(ask() for _ in range(count)))
    try:
        yield list(asked)
    finally:
        for watcher in asked:
            watcher.writer.transport.abort()


async def counts(live) -> tuple[int, int]:
    """Calls being served, requests open at the gateway."""
    served = [task for task in asyncio.all_tasks() if task.get_name().endswith("JobService/WatchJob]")]
    stats = await admin_answer(live.gateway.admin_socket, "/stats?filter=clipzy.upstream_rq_active$")
    return len(served), int(stats.rsplit(b":", 1)[1])


async def until(live, expected: int) -> None:
    """Returns once exactly `expected` watchers are left everywhere."""
    async with asyncio.timeout(60):
        while True:
            if await counts(live) == (expected, expected):
                return
            await asyncio.sleep(0.01)


async def test_all_of_many_see_the_end_and_leave_nothing(live, job):
    async with watchers(live, job, WATCHERS) as asked:
        await until(live, WATCHERS)
        ends = asyncio.gather(*(watcher.last() for watcher in asked))
        await live.desk.progress.started(job.job_id)
        await live.desk.progress.completed(job.job_id, None, ())
        assert {end["status"] for end in await ends} == {"completed"}
    await until(live, 0)
    assert not live.desk.notices._watchers


async def test_who_does_not_read_holds_nobody_up(live, job):
    await live.desk.progress.started(job.job_id)
    async with watchers(live, job, 20) as stalled, watchers(live, job, 20) as reading:
        await until(live, 40)
        ends = asyncio.gather(*(watcher.last() for watcher in reading))
        for step in range(60):
            await live.desk.progress.advance(job.job_id, Stage.VIDEO_ANALYSIS, step)
        await live.desk.progress.cancelled(job.job_id)
        assert {end["status"] for end in await ends} == {"cancelled"}
        assert {(await watcher.last())["status"] for watcher in stalled} == {"cancelled"}
    await until(live, 0)


async def test_who_goes_away_is_forgotten_and_the_others_go_on(live, job):
    async with watchers(live, job, 10) as staying:
        async with watchers(live, job, 100):
            await until(live, 110)
        await until(live, 10)
        await live.desk.progress.cancelled(job.job_id)
        assert {(await watcher.last())["status"] for watcher in staying} == {"cancelled"}
    await until(live, 0)


async def test_a_watch_goes_on_where_it_was_on_another_server(live, job):
    url = f"/jobs/{job.job_id}/events"
    async with live.http.stream("GET", url) as answer:
        seen = await anext(line async for line in answer.aiter_lines() if line.startswith("id: "))
    await live.desk.notices.close()
    await live.desk.notices.start()
    await live.desk.progress.cancelled(job.job_id)
    rest = await live.http.get(url, headers={"last-event-id": seen.removeprefix("id: ")})
    assert rest.text.count("event: job") == 1
    assert '"status":"cancelled"' in rest.text
    last = next(line for line in rest.text.splitlines() if line.startswith("id: "))
    again = await live.http.get(url, headers={"last-event-id": last.removeprefix("id: ")})
    assert (again.status_code, again.content) == (204, b"")


async def test_lines_are_sent_as_lines(live, job):
    await live.desk.progress.cancelled(job.job_id)
    answer = await live.http.get(f"/jobs/{job.job_id}/events", headers={"accept": "application/x-ndjson"})
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert json.loads(answer.text)["status"] == "cancelled"

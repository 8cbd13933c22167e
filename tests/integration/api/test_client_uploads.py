"""The client's uploads over a line that breaks, against the real server."""

import asyncio
import hashlib
import random
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from clipzy_client import AsyncClipzy, ClipzyError
from clipzy_client import uploads as client_uploads
from clipzy_server.domain.errors import ErrorCode, Invalid

CONTENT = random.Random(5).randbytes(2_900_000)


@dataclass
class Line:
    """A relay to the server. Its first connections carry so many bytes, and break when `may_break` is set."""

    breaks: list[int] = field(default_factory=list)
    may_break: asyncio.Event = field(default_factory=asyncio.Event)

    async def connect(self, up_reader, up_writer, address: str) -> None:
        reader, writer = await asyncio.open_unix_connection(address)
        allowed = self.breaks.pop(0) if self.breaks else None
        back = asyncio.create_task(self._pass(reader, up_writer))
        try:
            await self._pass(up_reader, writer, allowed)
        finally:
            for end in (up_writer, writer):
                end.transport.abort()
            await asyncio.gather(back, return_exceptions=True)

    async def _pass(self, reader, writer, allowed: int | None = None) -> None:
        done = 0
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
            done += len(piece)
            if allowed is not None and done > allowed:
                await self.may_break.wait()
                return


@pytest.fixture
async def through(clipzy, monkeypatch):
    """`async with through(line) as client`: Ada's client on a line."""
    monkeypatch.setattr(client_uploads, "FIRST_PAUSE_S", 0.01)
    token = clipzy.ada[0][1].removeprefix("Bearer ")

    @asynccontextmanager
    async def connected(line: Line):
        async def connect(reader, writer) -> None:
            await line.connect(reader, writer, clipzy.address.removeprefix("unix:"))

        async with await asyncio.start_server(connect, "127.0.0.1", 0) as relay:
            port = relay.sockets[0].getsockname()[1]
            async with AsyncClipzy(f"127.0.0.1:{port}", token) as client:
                yield client

    return connected


@pytest.fixture
def film(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(CONTENT)
    return path


async def test_an_upload_goes_on_after_every_break(through, film):
    line = Line([900_000, 1_200_000])
    line.may_break.set()
    seen = []
    async with through(line) as client:
        video = await client.upload(film, resumable=True, on_progress=lambda done, size: seen.append((done, size)))
    assert line.breaks == []
    assert (video.filename, video.sha256) == ("film.mp4", hashlib.sha256(CONTENT).hexdigest())
    assert seen[-1] == (len(CONTENT), len(CONTENT))


async def test_a_large_file_is_resumable_by_itself_and_a_small_one_is_not(through, film, monkeypatch):
    line = Line([900_000, 900_000])
    line.may_break.set()
    async with through(line) as client:
        with pytest.raises(ClipzyError, match="UNAVAILABLE"):
            await client.upload(film)
    monkeypatch.setattr("clipzy_client.aio.RESUMABLE_BYTES", 1_000_000)
    async with through(line) as client:
        assert (await client.upload(film)).file_size_bytes == len(CONTENT)


async def test_a_later_run_with_the_same_key_goes_on_where_the_first_stopped(through, film, desk, clipzy, monkeypatch):
    async def stored_bytes() -> int:
        async with desk.database.reading() as connection:
            found = await connection.exec_driver_sql("SELECT coalesce(sum(offset_bytes), 0) FROM clipzy.upload")
            return int(found.scalar_one())

    monkeypatch.setattr(client_uploads, "FIRST_PAUSE_S", 1000.0)
    monkeypatch.setattr(client_uploads, "LONGEST_PAUSE_S", 1000.0)
    line = Line([1_500_000])
    async with through(line) as client:
        stopped = asyncio.create_task(client.upload(film, resumable=True, resume_key="key-1"))
        while not list(clipzy.staging.parent.glob("uploads/*/*")):  # noqa: ASYNC110 - the server's file
            await asyncio.sleep(0.01)
        line.may_break.set()
        while not (kept := await stored_bytes()):  # noqa: ASYNC110 - the server's row
            await asyncio.sleep(0.01)
        stopped.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stopped
    done = []
    async with through(Line()) as client:
        first = await client.upload(
            film, resumable=True, resume_key="key-1", on_progress=lambda now, size: done.append(now)
        )
        second = await client.upload(film, resumable=True, resume_key="key-1")
    assert done[0] > kept
    assert len(done) == -(-(len(CONTENT) - kept) // client_uploads.CHUNK_BYTES)
    assert first.sha256 == second.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert first.video_id != second.video_id, "a finished upload is not gone on with"


async def test_what_the_server_refuses_is_not_tried_again(through, film, desk):
    desk.probe.error = Invalid(ErrorCode.UNSUPPORTED_FORMAT, "Not a video")
    async with through(Line()) as client:
        with pytest.raises(ClipzyError, match="UNSUPPORTED_FORMAT"):
            await client.upload(film, resumable=True)
    assert len(desk.probe.paths) == 1


async def test_when_nobody_answers_any_more_it_gives_up(film, monkeypatch):
    monkeypatch.setattr(client_uploads, "FIRST_PAUSE_S", 0.0)
    async with AsyncClipzy("127.0.0.1:1") as client:
        with pytest.raises(ClipzyError, match="UNAVAILABLE"):
            await client.upload(film, resumable=True)

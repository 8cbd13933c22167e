"""The client's uploads over a line that breaks, against the real server."""

import asyncio
import hashlib
import random

import pytest

from clipzy_client import AsyncClipzy, Clipzy, Patience
from clipzy_client.aio import uploads as client_uploads
from clipzy_client.errors import Unavailable, UnsupportedFormat
from clipzy_server.domain.errors import ErrorCode, Invalid
from tests.integration.api.lines import Line

CONTENT = random.Random(5).randbytes(2_900_000)


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
        video = await client.videos.upload(
            film, resume_key="key", progress=lambda done, size: seen.append((done, size))
        )
    assert line.breaks == []
    assert (video.filename, video.sha256) == ("film.mp4", hashlib.sha256(CONTENT).hexdigest())
    assert seen[-1] == (len(CONTENT), len(CONTENT))


async def test_a_large_file_goes_on_by_itself_and_a_small_one_is_sent_again(through, film, monkeypatch):
    for resumable_bytes, sent_bytes in ((1_000_000, len(CONTENT)), (16 << 20, len(CONTENT) + 900_000)):
        monkeypatch.setattr("clipzy_client.aio.videos.RESUMABLE_BYTES", resumable_bytes)
        line = Line([900_000])
        line.may_break.set()
        async with through(line) as client:
            assert (await client.videos.upload(film)).file_size_bytes == len(CONTENT)
        assert line.breaks == []
        assert line.carried >= sent_bytes
        assert (await client_page_total(through)) == (1 if resumable_bytes == 1_000_000 else 2)


async def client_page_total(through) -> int:
    async with through(Line()) as client:
        return (await client.videos.page()).total


async def test_a_blocking_upload_goes_on_after_every_break(through, film, clipzy):
    line = Line([900_000, 1_200_000])
    line.may_break.set()

    def send(server: str, token: str):
        with Clipzy(server, token, patience=Patience(first_pause_s=0.01)) as client:
            return client.videos.upload(film, resume_key="key")

    async with through(line) as client:
        video = await asyncio.to_thread(send, client.server, client.token)
    assert line.breaks == []
    assert video.sha256 == hashlib.sha256(CONTENT).hexdigest()


async def test_a_later_run_with_the_same_key_goes_on_where_the_first_stopped(through, film, desk, clipzy):
    async def stored_bytes() -> int:
        async with desk.database.reading() as connection:
            found = await connection.exec_driver_sql("SELECT coalesce(sum(offset_bytes), 0) FROM clipzy.upload")
            return int(found.scalar_one())

    line = Line([1_500_000])
    async with through(line, Patience(first_pause_s=1000.0, longest_pause_s=1000.0)) as client:
        stopped = asyncio.create_task(client.videos.upload(film, resume_key="key-1"))
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
        first = await client.videos.upload(film, resume_key="key-1", progress=lambda now, size: done.append(now))
        second = await client.videos.upload(film, resume_key="key-1")
    assert done[0] > kept
    assert len(done) == -(-(len(CONTENT) - kept) // client_uploads.CHUNK_BYTES)
    assert first.sha256 == second.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert first.video_id != second.video_id, "a finished upload is not gone on with"


async def test_what_the_server_refuses_is_not_tried_again(through, film, desk):
    desk.probe.error = Invalid(ErrorCode.UNSUPPORTED_FORMAT, "Not a video")
    async with through(Line()) as client:
        with pytest.raises(UnsupportedFormat):
            await client.videos.upload(film, resume_key="key")
    assert len(desk.probe.paths) == 1


async def test_when_nobody_answers_any_more_it_gives_up(film):
    patience = Patience(tries=2, stream_tries=2, first_pause_s=0.0)
    async with AsyncClipzy("127.0.0.1:1", patience=patience) as client:
        with pytest.raises(Unavailable):
            await client.videos.upload(film, resume_key="key")

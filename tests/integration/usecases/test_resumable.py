"""Resumable uploads on both kinds of storage, over several servers, and through the death of one."""

import asyncio
import hashlib
import random
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from clipzy_server.domain.errors import ClipzyError, Conflict, ErrorCode, Invalid, NotFound, TooLarge, Unavailable
from clipzy_server.domain.page import PageRequest
from clipzy_server.domain.upload import Upload
from clipzy_server.store.blobs import Blobs
from clipzy_server.usecases.appending import STEP_BYTES
from clipzy_server.usecases.owners import Owners
from clipzy_server.usecases.requests import UploadRequest
from clipzy_server.usecases.resumable import ResumableUploads

MIB = 1024 * 1024
CONTENT = random.Random(3).randbytes(2 * STEP_BYTES + 5 * MIB + 17)


@pytest.fixture
def replicas(desk, storage: Callable[[], Blobs]) -> list[ResumableUploads]:
    """Two servers on one database and one storage; on S3 each has a staging folder of its own."""
    first, second = storage(), storage()
    desk.blobs = first
    return [ResumableUploads(desk.database, blobs, desk.probe, desk.limits) for blobs in (first, second)]


async def _send(server: ResumableUploads, desk, upload: Upload, start: int, end: int, content=CONTENT) -> Upload:
    async with server.appending(desk.owner, upload.upload_id, start) as appending:
        for at in range(start, end, MIB):
            await appending.write(content[at : min(end, at + MIB)])
        return await server.finish(desk.owner, appending)


async def _start(server: ResumableUploads, desk, size_bytes: int = len(CONTENT), **header) -> Upload:
    return await server.start(desk.owner, UploadRequest("clip.mp4", size_bytes, **header))


async def _assert_stored(desk, upload: Upload, content: bytes = CONTENT) -> None:
    video = await desk.videos.get(desk.owner, upload.video_id)
    assert video.sha256 == hashlib.sha256(content).hexdigest()
    assert b"".join([piece async for piece in desk.blobs.read(video.blob_key)]) == content
    assert await desk.blobs.keys("uploads") == []


async def test_an_upload_begun_at_one_server_goes_on_at_another(desk, replicas) -> None:
    first, second = replicas
    upload = await _start(first, desk)
    for server, start, end in ((first, 0, 100), (second, 100, STEP_BYTES + MIB), (first, STEP_BYTES + MIB, 20 * MIB)):
        upload = await _send(server, desk, upload, start, end)
        assert (upload.offset_bytes, upload.video_id) == (end, None)
        assert await replicas[1].get(desk.owner, upload.upload_id) == upload
    upload = await _send(second, desk, upload, 20 * MIB, len(CONTENT))
    assert upload == await first.get(desk.owner, upload.upload_id)
    await _assert_stored(desk, upload)


async def test_an_upload_in_one_request_is_stored_whole(desk, replicas) -> None:
    upload = await _send(replicas[0], desk, await _start(replicas[0], desk), 0, len(CONTENT))
    assert upload.offset_bytes == len(CONTENT)
    await _assert_stored(desk, upload)


async def test_equal_uploads_of_all_kinds_share_their_bytes(desk, replicas) -> None:
    upload = await _send(replicas[0], desk, await _start(replicas[0], desk), 0, len(CONTENT))
    again = await _send(replicas[1], desk, await _start(replicas[1], desk), 0, len(CONTENT))
    plain = await desk.upload(CONTENT)
    videos = [await desk.videos.get(desk.owner, found) for found in (upload.video_id, again.video_id, plain.video_id)]
    assert len({video.video_id for video in videos}) == 3
    assert len({video.blob_key for video in videos}) == 1


async def test_steps_count_while_the_request_goes_on(desk, replicas) -> None:
    upload = await _start(replicas[0], desk)
    async with replicas[0].appending(desk.owner, upload.upload_id, 0) as appending:
        for at in range(0, 2 * STEP_BYTES, MIB):
            await appending.write(CONTENT[at : at + MIB])
        while (found := await replicas[1].get(desk.owner, upload.upload_id)).offset_bytes == 0:  # noqa: ASYNC110 - the row
            await asyncio.sleep(0.01)
        assert found.offset_bytes == STEP_BYTES
    assert (await replicas[1].get(desk.owner, upload.upload_id)).offset_bytes == 2 * STEP_BYTES


async def test_a_request_that_is_cancelled_keeps_what_came(desk, replicas) -> None:
    upload = await _start(replicas[0], desk)
    written = asyncio.Event()

    async def send() -> None:
        async with replicas[0].appending(desk.owner, upload.upload_id, 0) as appending:
            await appending.write(CONTENT[: STEP_BYTES + 1])
            await appending.write(CONTENT[STEP_BYTES + 1 : STEP_BYTES + 3])
            written.set()
            await asyncio.Event().wait()

    sending = asyncio.create_task(send())
    await written.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    upload = await replicas[1].get(desk.owner, upload.upload_id)
    assert upload.offset_bytes == STEP_BYTES + 3
    await _assert_stored(desk, await _send(replicas[1], desk, upload, upload.offset_bytes, len(CONTENT)))


async def test_a_superseded_request_can_do_no_harm(desk, replicas) -> None:
    first, second = replicas
    upload = await _send(first, desk, await _start(first, desk), 0, 1000)
    async with first.appending(desk.owner, upload.upload_id, 1000) as late:
        await late.write(b"?" * 500)
        upload = await _send(second, desk, upload, 1000, 2000)
        await late.write(b"?" * 500)
        with pytest.raises(Conflict) as refused:
            await first.finish(desk.owner, late)
        assert refused.value.code is ErrorCode.UPLOAD_OFFSET_CONFLICT
    assert (await first.get(desk.owner, upload.upload_id)).offset_bytes == 2000
    await _assert_stored(desk, await _send(first, desk, upload, 2000, len(CONTENT)))


async def test_of_two_requests_that_complete_an_upload_one_makes_the_video(desk, replicas) -> None:
    first, second = replicas
    upload = await _send(first, desk, await _start(first, desk), 0, 5 * MIB)
    ended = await asyncio.gather(
        *(_send(server, desk, upload, 5 * MIB, len(CONTENT)) for server in (first, second)), return_exceptions=True
    )
    (won,) = [outcome for outcome in ended if isinstance(outcome, Upload)]
    (lost,) = [outcome for outcome in ended if not isinstance(outcome, Upload)]
    assert isinstance(lost, Conflict)
    assert (await desk.videos.list(desk.owner, PageRequest())).total == 1
    await _assert_stored(desk, won)


async def test_an_end_that_is_overtaken_is_told_so(desk, replicas, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = replicas
    upload = await _send(first, desk, await _start(first, desk), 0, 5 * MIB)
    join = first._blobs.join

    async def overtaken(parts, path) -> None:
        monkeypatch.undo()
        await _send(second, desk, await second.get(desk.owner, upload.upload_id), len(CONTENT) - 1, len(CONTENT))
        await join(parts, path)

    monkeypatch.setattr(first._blobs, "join", overtaken)
    with pytest.raises(Conflict):
        await _send(first, desk, upload, 5 * MIB, len(CONTENT))
    await _assert_stored(desk, await first.get(desk.owner, upload.upload_id))


async def test_an_end_that_fails_for_now_leaves_one_byte_to_send_again(desk, replicas) -> None:
    upload = await _start(replicas[0], desk)
    desk.probe.error = Unavailable(ErrorCode.UNAVAILABLE, "Not now")
    for start in (0, len(CONTENT) - 1):
        with pytest.raises(Unavailable):
            await _send(replicas[0], desk, upload, start, len(CONTENT))
        assert (await replicas[1].get(desk.owner, upload.upload_id)).offset_bytes == len(CONTENT) - 1
    desk.probe.error = None
    await _assert_stored(desk, await _send(replicas[1], desk, upload, len(CONTENT) - 1, len(CONTENT)))


async def test_what_is_no_video_is_forgotten(desk, replicas) -> None:
    upload = await _start(replicas[0], desk)
    desk.probe.error = Invalid(ErrorCode.CORRUPT_VIDEO, "Corrupt")
    with pytest.raises(Invalid):
        await _send(replicas[0], desk, upload, 0, len(CONTENT))
    with pytest.raises(NotFound):
        await replicas[1].get(desk.owner, upload.upload_id)
    assert [key for key in await desk.blobs.keys("") if not key.startswith(".staging/")] == []


async def test_a_limit_that_was_lowered_meanwhile_never_counts_bytes_that_are_not_there(desk, replicas) -> None:
    upload = await _start(replicas[0], desk)
    desk.limits = replace(desk.limits, max_file_bytes=MIB)
    strict = desk.uploads
    with pytest.raises(TooLarge):
        await _send(strict, desk, upload, 0, len(CONTENT))
    upload = await replicas[0].get(desk.owner, upload.upload_id)
    assert upload.offset_bytes == MIB
    await _assert_stored(desk, await _send(replicas[0], desk, upload, MIB, len(CONTENT)))


async def test_a_finished_upload_takes_no_more(desk, replicas) -> None:
    upload = await _send(replicas[0], desk, await _start(replicas[0], desk, 3), 0, 3)
    with pytest.raises(Conflict, match="Wrong offset"):
        await _send(replicas[0], desk, upload, 3, 3)


async def test_a_terminated_upload_is_gone_and_its_video_stays(desk, replicas) -> None:
    begun = await _send(replicas[0], desk, await _start(replicas[0], desk), 0, 1000)
    finished = await _send(replicas[0], desk, await _start(replicas[0], desk, 3), 0, 3)
    for upload in (begun, finished):
        await replicas[1].terminate(desk.owner, upload.upload_id)
        for use in (replicas[0].get, replicas[0].terminate):
            with pytest.raises(NotFound):
                await use(desk.owner, upload.upload_id)
    assert await desk.blobs.keys("uploads") == []
    assert (await desk.videos.get(desk.owner, finished.video_id)).file_size_bytes == 3


async def test_other_peoples_uploads_are_unknown(desk, replicas) -> None:
    upload = await _start(replicas[0], desk)
    with pytest.raises(NotFound):
        await replicas[0].get(desk.stranger, upload.upload_id)
    with pytest.raises(NotFound):
        await replicas[0].terminate(desk.stranger, upload.upload_id)
    with pytest.raises(NotFound):
        async with replicas[0].appending(desk.stranger, upload.upload_id, 0):
            pytest.fail("a stranger appends")


async def test_what_is_not_finished_in_time_is_gone(desk, replicas) -> None:
    upload = await _send(replicas[0], desk, await _start(replicas[0], desk), 0, 1000)
    desk.limits = replace(desk.limits, upload_ttl_s=0.0)
    late = await _start(desk.uploads, desk)
    with pytest.raises(NotFound):
        await replicas[0].get(desk.owner, late.upload_id)
    with pytest.raises(NotFound):
        await _send(replicas[0], desk, late, 0, 1000)
    assert await replicas[0].get(desk.owner, upload.upload_id) == upload


@pytest.mark.parametrize("size_bytes", [None, 0, -1])
async def test_an_upload_of_no_size_is_refused(desk, size_bytes) -> None:
    with pytest.raises(ClipzyError, match="Empty"):
        await desk.uploads.start(desk.owner, UploadRequest("clip.mp4", size_bytes))


async def test_a_process_killed_while_it_appends_loses_less_than_two_steps(
    desk, database_url: str, tmp_path: Path
) -> None:
    script = Path(__file__).with_name("half_resumable.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), database_url, str(tmp_path / "storage"), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    upload_id = (await process.stdout.readline()).decode().strip()
    process.kill()
    await process.wait()

    owner = (await Owners(desk.database).anonymous()).owner
    upload = await desk.uploads.get(owner, upload_id)
    assert STEP_BYTES <= upload.offset_bytes < upload.size_bytes
    content = bytes(upload.size_bytes)
    async with desk.uploads.appending(owner, upload_id, upload.offset_bytes) as appending:
        await appending.write(content[upload.offset_bytes :])
        upload = await desk.uploads.finish(owner, appending)
    video = await desk.videos.get(owner, upload.video_id)
    assert video.sha256 == hashlib.sha256(content).hexdigest()

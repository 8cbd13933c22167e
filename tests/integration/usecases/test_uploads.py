import asyncio
import gc
import hashlib
import logging
import random
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from clipzy_server.domain.errors import ClipzyError, ErrorCode, Invalid, NotFound, StageFailed, TooLarge, Unavailable
from clipzy_server.domain.page import PageRequest
from clipzy_server.media.confinement import View
from clipzy_server.media.sandbox_limits import ChildDied
from clipzy_server.store import idempotency
from clipzy_server.store.blobs import Blobs, BlobSettings
from clipzy_server.usecases.owners import Owners
from clipzy_server.usecases.requests import UploadRequest
from clipzy_server.usecases.uploads import UploadSink
from tests.integration.conftest import StillProbe

MIB = 1024 * 1024


async def _begin(desk, **header) -> UploadSink:
    return await desk.videos.begin(desk.owner, UploadRequest(**{"filename": "clip.mp4", **header}))


async def _assert_nothing(desk, published, staged) -> None:
    assert (await desk.videos.list(desk.owner, PageRequest())).total == 0
    assert (published(), staged()) == ([], [])


async def test_bytes_in_pieces_of_any_size_come_together(desk) -> None:
    content = random.Random(1).randbytes(3 * MIB + 5)
    sink = await _begin(desk, size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest().upper())
    for start, end in ((0, 0), (0, 1), (1, 2 * MIB + 7), (2 * MIB + 7, 2 * MIB + 8), (2 * MIB + 8, len(content))):
        await sink.write(content[start:end])
    assert sink.size_bytes == len(content)
    video = await sink.finish()
    assert b"".join([piece async for piece in desk.blobs.read(video.blob_key)]) == content


async def test_a_file_over_the_limit_is_refused_as_soon_as_it_is(desk, published, staged) -> None:
    desk.limits = replace(desk.limits, max_file_bytes=1000)
    with pytest.raises(TooLarge) as refused:
        await _begin(desk, size_bytes=1001)
    assert refused.value.code is ErrorCode.FILE_TOO_LARGE
    assert staged() == []

    sink = await _begin(desk)
    await sink.write(bytes(1000))
    with pytest.raises(TooLarge) as refused:
        await sink.write(b"x")
    assert refused.value.code is ErrorCode.FILE_TOO_LARGE
    await sink.abort()
    await _assert_nothing(desk, published, staged)

    assert (await desk.upload(bytes(1000), size_bytes=1000)).file_size_bytes == 1000


async def test_more_than_announced_is_refused_as_soon_as_it_comes(desk, published, staged) -> None:
    sink = await _begin(desk, size_bytes=3)
    await sink.write(b"abc")
    with pytest.raises(Invalid, match="Wrong size"):
        await sink.write(b"d")
    await sink.abort()
    await _assert_nothing(desk, published, staged)


@pytest.mark.parametrize(
    ("content", "header", "message"),
    [
        (b"abc", {"size_bytes": 4}, "Wrong size"),
        (b"abc", {"sha256": hashlib.sha256(b"abd").hexdigest()}, "Wrong checksum"),
        (b"", {}, "Empty file"),
        (b"", {"size_bytes": 0}, "Empty file"),
    ],
)
async def test_what_does_not_come_as_announced_is_refused(
    desk, content: bytes, header, message: str, published, staged
) -> None:
    with pytest.raises(Invalid, match=message) as refused:
        await desk.upload(content, **header)
    assert refused.value.code is ErrorCode.VALIDATION_ERROR
    assert desk.probe.paths == []
    await _assert_nothing(desk, published, staged)


async def test_an_upload_that_would_eat_the_reserve_is_not_begun(desk, published, staged) -> None:
    desk.limits = replace(desk.limits, free_disk_reserve_bytes=2**62)
    with pytest.raises(Unavailable) as refused:
        await _begin(desk)
    assert refused.value.code is ErrorCode.INSUFFICIENT_STORAGE
    await _assert_nothing(desk, published, staged)


class FillingBlobs(Blobs):
    """A disk that others fill: `free` bytes are left, whatever is written."""

    free = 10 * MIB

    def free_bytes(self) -> int:
        return self.free


@pytest.mark.parametrize("ending", ["write", "finish", "abort"])
async def test_a_disk_that_fills_up_meanwhile_refuses_the_rest(
    desk, tmp_path: Path, ending: str, published, staged, caplog: pytest.LogCaptureFixture
) -> None:
    desk.blobs = FillingBlobs(BlobSettings(tmp_path / "storage"))
    desk.limits = replace(desk.limits, free_disk_reserve_bytes=5 * MIB)
    with pytest.raises(Unavailable):
        await _begin(desk, size_bytes=6 * MIB)
    sink = await _begin(desk)
    await sink.write(b"begun")
    desk.blobs.free = 5 * MIB
    await sink.write(bytes(MIB))
    if ending != "abort":
        with pytest.raises(Unavailable) as refused:
            await (sink.write(bytes(MIB)) if ending == "write" else sink.finish())
        assert refused.value.code is ErrorCode.INSUFFICIENT_STORAGE
    await sink.abort()
    await _assert_nothing(desk, published, staged)
    del sink
    gc.collect()
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_an_aborted_upload_leaves_nothing(desk, published, staged) -> None:
    sink = await _begin(desk)
    await sink.write(bytes(2 * MIB + 1))
    assert len(staged()) == 1
    await sink.abort()
    await sink.abort()
    await _assert_nothing(desk, published, staged)


async def test_aborting_a_finished_upload_changes_nothing(desk) -> None:
    sink = await _begin(desk)
    await sink.write(b"abc")
    video = await sink.finish()
    await sink.abort()
    assert await desk.videos.get(desk.owner, video.video_id) == video
    assert b"".join([piece async for piece in desk.blobs.read(video.blob_key)]) == b"abc"


class SlowBlobs(Blobs):
    """A disk whose writes wait for `go_on`; `reached` tells that one waits."""

    def __init__(self, settings: BlobSettings) -> None:
        super().__init__(settings)
        self.loop_thread = threading.current_thread()
        self.reached, self.go_on = threading.Event(), threading.Event()

    def free_bytes(self) -> int:
        if threading.current_thread() is not self.loop_thread:
            self.reached.set()
            assert self.go_on.wait(60)
        return super().free_bytes()


async def test_a_caller_who_leaves_during_a_write_is_cleaned_up_after_it(
    desk, tmp_path: Path, published, staged
) -> None:
    desk.blobs = SlowBlobs(BlobSettings(tmp_path / "storage"))
    sink = await _begin(desk)
    await sink.write(bytes(MIB))
    waiting = asyncio.create_task(sink.write(bytes(MIB)))
    assert await asyncio.to_thread(desk.blobs.reached.wait, 60)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    aborting = asyncio.create_task(sink.abort())
    for _ in range(10):
        await asyncio.sleep(0)
    assert not aborting.done(), "the file is closed under its writer"
    desk.blobs.go_on.set()
    await aborting
    await _assert_nothing(desk, published, staged)


async def test_what_comes_after_the_file_counts(desk, published, staged) -> None:
    template = await desk.upload(b"template")
    sink = await _begin(desk)
    await sink.write(b"footage")
    await sink.describe(template_video_id=template.video_id)
    await sink.describe(webhook_url="https://example.com/hook")
    video = await sink.finish()
    assert (video.template_video_id, video.webhook_url) == (template.video_id, "https://example.com/hook")
    assert await desk.videos.get(desk.owner, video.video_id) == video


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"template_video_id": "vid_unknown"}, ErrorCode.VIDEO_NOT_FOUND),
        ({"webhook_url": "http://127.0.0.1/"}, ErrorCode.VALIDATION_ERROR),
    ],
)
async def test_a_wrong_companion_is_refused_before_and_after_the_file(
    desk, header, code: ErrorCode, published, staged
) -> None:
    with pytest.raises(ClipzyError) as refused:
        await _begin(desk, **header)
    assert refused.value.code is code
    sink = await _begin(desk)
    await sink.write(b"footage")
    with pytest.raises(ClipzyError) as refused:
        await sink.describe(**header)
    assert refused.value.code is code
    await sink.abort()
    await _assert_nothing(desk, published, staged)


async def test_a_foreign_template_is_unknown(desk) -> None:
    template = await desk.upload(b"template")
    with pytest.raises(NotFound):
        await desk.videos.begin(desk.stranger, UploadRequest("clip.mp4", template_video_id=template.video_id))


async def test_a_file_that_breaks_its_probe_is_corrupt(desk, published, staged) -> None:
    desk.probe.error = StageFailed(ErrorCode.OUT_OF_MEMORY, "The probe died")
    with pytest.raises(Invalid) as refused:
        await desk.upload(b"abc")
    assert refused.value.code is ErrorCode.CORRUPT_VIDEO
    await _assert_nothing(desk, published, staged)


class MortalProbe(StillProbe):
    """A probe that something outside ends the first `deaths` times."""

    def __init__(self, deaths: int, *, by_chance: bool) -> None:
        super().__init__()
        self.deaths = deaths
        self.by_chance = by_chance

    async def run(self, function: str, payload: dict[str, object], *, view: View) -> dict[str, object]:
        answer = await super().run(function, payload, view=view)
        if len(self.paths) <= self.deaths:
            raise ChildDied(ErrorCode.WORKER_LOST, "Ended", "by a signal", by_chance=self.by_chance)
        return answer


async def test_a_probe_that_was_killed_says_nothing_of_the_file(desk) -> None:
    desk.probe = MortalProbe(deaths=2, by_chance=True)
    assert (await desk.upload(b"abc")).file_size_bytes == 3


@pytest.mark.parametrize(("by_chance", "tries"), [(True, 3), (False, 1)])
async def test_a_file_that_kills_its_probe_every_time_is_corrupt(desk, by_chance: bool, tries: int) -> None:
    desk.probe = MortalProbe(deaths=100, by_chance=by_chance)
    with pytest.raises(Invalid) as refused:
        await desk.upload(b"abc")
    assert refused.value.code is ErrorCode.CORRUPT_VIDEO
    assert len(desk.probe.paths) == tries


class EndlessProbe:
    """A probe that never answers; `begun` is set when it is asked, `ended` when it is left."""

    def __init__(self) -> None:
        self.begun, self.ended = asyncio.Event(), asyncio.Event()

    async def run(self, function: str, payload: dict[str, object], *, view: object) -> dict[str, object]:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()
        raise AssertionError


async def test_a_file_that_is_probed_too_long_is_corrupt(desk, published, staged) -> None:
    desk.probe = EndlessProbe()
    desk.limits = replace(desk.limits, probe_timeout_s=0.05)
    with pytest.raises(Invalid) as refused:
        await desk.upload(b"abc")
    assert refused.value.code is ErrorCode.CORRUPT_VIDEO
    assert desk.probe.ended.is_set()
    await _assert_nothing(desk, published, staged)


async def test_a_caller_who_leaves_during_the_probe_leaves_nothing(desk, published, staged) -> None:
    desk.probe = EndlessProbe()
    uploading = asyncio.create_task(desk.upload(b"abc"))
    await desk.probe.begun.wait()
    uploading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await uploading
    assert desk.probe.ended.is_set()
    await _assert_nothing(desk, published, staged)


class SevereBlobs(Blobs):
    """Publishes, and then cuts whoever is in the middle of a transaction off the database."""

    def __init__(self, settings: BlobSettings, database) -> None:
        super().__init__(settings)
        self.database = database
        self.cut_off = 0

    async def put_file(self, key: str, path: Path) -> None:
        await super().put_file(key, path)
        query = (
            "SELECT count(pg_terminate_backend(pid, 60000)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND state = 'idle in transaction'"
        )
        async with self.database.reading() as connection:
            self.cut_off += (await connection.execute(text(query))).scalar_one()


async def test_bytes_whose_row_cannot_be_written_go(desk, tmp_path: Path, published, staged) -> None:
    kind = desk.blobs
    desk.blobs = SevereBlobs(BlobSettings(tmp_path / "storage"), desk.database)
    with pytest.raises(Unavailable):
        await desk.upload(b"abc")
    assert desk.blobs.cut_off == 1
    await _assert_nothing(desk, published, staged)
    desk.blobs = kind
    assert (await desk.upload(b"abc")).file_size_bytes == 3


async def test_bytes_whose_answer_cannot_be_kept_go_and_shared_ones_stay(
    desk, monkeypatch: pytest.MonkeyPatch, published, staged
) -> None:
    async def fail(*_) -> None:
        raise RuntimeError("no answer is kept")

    async def upload() -> None:
        sink = await desk.videos.begin(desk.owner, UploadRequest("clip.mp4"), "key-1")
        await sink.write(b"abc")
        await sink.finish()

    monkeypatch.setattr(idempotency, "keep_answer", fail)
    with pytest.raises(RuntimeError, match="no answer is kept"):
        await upload()
    await _assert_nothing(desk, published, staged)

    kept = await desk.upload(b"abc")
    with pytest.raises(RuntimeError, match="no answer is kept"):
        await upload()
    assert published() == [kept.blob_key]
    assert (await desk.videos.list(desk.owner, PageRequest())).items == (kept,)


async def test_a_process_killed_during_an_upload_leaves_what_the_next_one_sweeps(
    desk, database_url: str, tmp_path: Path, published, staged
) -> None:
    script = Path(__file__).with_name("half_upload.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), database_url, str(tmp_path / "storage"), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"halfway\n"
    process.kill()
    await process.wait()

    owner = (await Owners(desk.database).anonymous()).owner
    assert (await desk.videos.list(owner, PageRequest())).total == 0
    assert published() == []
    (left,) = staged()
    assert await desk.blobs.sweep(3600) == 1
    assert not left.exists()
    assert staged() == []
    sink = await desk.videos.begin(owner, UploadRequest("other.mp4"), "key-1")
    await sink.write(b"other")
    assert (await sink.finish()).filename == "other.mp4"

import asyncio
import hashlib
from dataclasses import replace

import pytest

from clipzy_server.domain.errors import ClipzyError, Conflict, ErrorCode, NotFound
from clipzy_server.domain.page import PageRequest
from clipzy_server.domain.video import Video, VideoMetadata
from clipzy_server.usecases.requests import NewJob, UploadRequest
from clipzy_server.usecases.videos import Videos


async def _upload(videos: Videos, owner, content: bytes, key: str | None = None, **header) -> Video:
    sink = await videos.begin(owner, UploadRequest(**{"filename": "clip.mp4", **header}), key)
    await sink.write(content)
    return await sink.finish()


async def _content(desk, video: Video) -> bytes:
    return b"".join([piece async for piece in desk.blobs.read(video.blob_key)])


async def test_an_upload_is_probed_stored_and_found_again(desk, sandbox, film: bytes, published, staged) -> None:
    videos = Videos(desk.database, desk.blobs, sandbox, desk.limits)
    video = await _upload(videos, desk.owner, film, filename="Mein Film.mp4")

    metadata = VideoMetadata(64, 48, 0.5, 24.0, "h264", 0, "mp4", False, None, False, False, 0)
    assert replace(video.metadata, bitrate_kbps=0) == metadata
    assert (video.filename, video.file_size_bytes) == ("Mein Film.mp4", len(film))
    assert video.sha256 == hashlib.sha256(film).hexdigest()
    assert video.storage_url == f"file:///storage/{video.video_id}/Mein_Film.mp4"
    assert await videos.get(desk.owner, video.video_id) == video
    assert await _content(desk, video) == film
    file = await videos.file(desk.owner, video.video_id)
    assert (file.name, file.size_bytes, file.content_type) == (f"{video.video_id}.mp4", len(film), "video/mp4")
    assert b"".join([piece async for piece in file.read(3, 50)]) == film[3:50]
    assert (published(), staged()) == ([video.blob_key], [])


@pytest.fixture(params=["text", "half a film", "song"])
def no_video(request: pytest.FixtureRequest, film: bytes, song: bytes) -> tuple[bytes, ErrorCode]:
    """Bytes that are no acceptable video, and how they are refused."""
    contents = {
        "text": (b"a letter to a friend" * 100, ErrorCode.UNSUPPORTED_FORMAT),
        "half a film": (film[: len(film) // 2], ErrorCode.CORRUPT_VIDEO),
        "song": (song, ErrorCode.NO_VIDEO_STREAM),
    }
    return contents[request.param]


async def test_what_is_no_video_is_refused_and_forgotten(desk, sandbox, no_video, published, staged) -> None:
    content, code = no_video
    videos = Videos(desk.database, desk.blobs, sandbox, desk.limits)
    with pytest.raises(ClipzyError) as refused:
        await _upload(videos, desk.owner, content)
    assert refused.value.code is code
    assert (await videos.list(desk.owner, PageRequest())).total == 0
    assert (published(), staged()) == ([], [])


async def test_the_same_bytes_are_stored_once_and_go_with_the_last_video(desk, published) -> None:
    first, second = await desk.upload(b"same", filename="a.mp4"), await desk.upload(b"same", filename="b.mp4")
    assert first.video_id != second.video_id
    assert (first.filename, second.filename) == ("a.mp4", "b.mp4")
    assert first.storage_url != second.storage_url
    assert published() == [first.blob_key]

    await desk.videos.delete(desk.owner, first.video_id)
    assert await _content(desk, second) == b"same"
    await desk.videos.delete(desk.owner, second.video_id)
    assert published() == []
    with pytest.raises(FileNotFoundError):
        await desk.blobs.size(second.blob_key)


async def test_the_same_bytes_at_once_are_stored_once(desk, published) -> None:
    videos = await asyncio.gather(*(desk.upload(b"same") for _ in range(6)))
    assert len({video.video_id for video in videos}) == 6
    assert published() == [videos[0].blob_key]


async def test_whoever_races_a_deletion_keeps_its_bytes(desk, published) -> None:
    kept = await desk.upload(b"same")
    for _ in range(5):
        gone = kept
        _, kept = await asyncio.gather(desk.videos.delete(desk.owner, gone.video_id), desk.upload(b"same"))
        assert await _content(desk, kept) == b"same"
        assert published() == [kept.blob_key]


async def test_owners_share_no_bytes(desk, published) -> None:
    mine, theirs = await desk.upload(b"same"), await _upload(desk.videos, desk.stranger, b"same")
    assert published() == sorted([mine.blob_key, theirs.blob_key])
    await desk.videos.delete(desk.owner, mine.video_id)
    assert await _content(desk, theirs) == b"same"


async def test_unknown_and_foreign_videos_answer_the_same(desk) -> None:
    video = await desk.upload(b"footage")
    for call in (desk.videos.get, desk.videos.delete):
        answers = []
        for owner, video_id in ((desk.owner, "vid_unknown"), (desk.stranger, video.video_id)):
            with pytest.raises(NotFound) as refused:
                await call(owner, video_id)
            answers.append((refused.value.code, refused.value.detail.replace(video_id, "…")))
        assert answers == [(ErrorCode.VIDEO_NOT_FOUND, "There is no video ….")] * 2
    assert (await desk.videos.list(desk.stranger, PageRequest())).items == ()
    assert await _content(desk, video) == b"footage"


async def test_a_deleted_video_is_gone(desk) -> None:
    video = await desk.upload(b"footage")
    await desk.videos.delete(desk.owner, video.video_id)
    for call in (desk.videos.get, desk.videos.delete):
        with pytest.raises(NotFound):
            await call(desk.owner, video.video_id)
    assert (await desk.videos.list(desk.owner, PageRequest())).total == 0


async def test_a_video_that_an_active_job_needs_stays(desk, published) -> None:
    footage, template = await desk.upload(b"footage"), await desk.upload(b"template")
    job = await desk.jobs.create(desk.owner, NewJob(footage.video_id, template.video_id))
    for video in (footage, template):
        with pytest.raises(Conflict) as refused:
            await desk.videos.delete(desk.owner, video.video_id)
        assert refused.value.code is ErrorCode.VIDEO_IN_USE
        assert await desk.videos.get(desk.owner, video.video_id) == video
    assert published() == sorted([footage.blob_key, template.blob_key])

    await desk.progress.cancelled(job.job_id)
    for video in (footage, template):
        await desk.videos.delete(desk.owner, video.video_id)
    assert published() == []
    assert (await desk.jobs.get(desk.owner, job.job_id)).video_id == footage.video_id


async def test_of_a_job_and_a_deletion_at_once_one_wins(desk) -> None:
    for number in range(5):
        video = await desk.upload(f"footage {number}".encode())
        created, deleted = await asyncio.gather(
            desk.jobs.create(desk.owner, NewJob(video.video_id)),
            desk.videos.delete(desk.owner, video.video_id),
            return_exceptions=True,
        )
        failures = [answer.code for answer in (created, deleted) if isinstance(answer, ClipzyError)]
        assert failures in ([ErrorCode.VIDEO_NOT_FOUND], [ErrorCode.VIDEO_IN_USE])


async def test_lists_are_newest_first_in_pages(desk) -> None:
    videos = [await desk.upload(bytes([number])) for number in range(5)]
    pages = [await desk.videos.list(desk.owner, PageRequest(number, 2)) for number in (1, 2, 3, 4)]
    assert [[video.video_id for video in page.items] for page in pages] == [
        [videos[4].video_id, videos[3].video_id],
        [videos[2].video_id, videos[1].video_id],
        [videos[0].video_id],
        [],
    ]
    assert {(page.total, page.page_size) for page in pages} == {(5, 2)}


async def test_a_repeated_key_is_answered_with_the_first_video(desk, published) -> None:
    first = await _upload(desk.videos, desk.owner, b"abc", "key-1")
    assert await _upload(desk.videos, desk.owner, b"abc", "key-1") == first
    assert (await desk.videos.list(desk.owner, PageRequest())).total == 1
    assert published() == [first.blob_key]

    for content, header in ((b"other", {}), (b"abc", {"filename": "other.mp4"})):
        with pytest.raises(Conflict) as refused:
            await _upload(desk.videos, desk.owner, content, "key-1", **header)
        assert refused.value.code is ErrorCode.IDEMPOTENCY_KEY_REUSED
    theirs = await _upload(desk.videos, desk.stranger, b"other", "key-1")
    assert theirs.owner_id == desk.stranger.owner_id


async def test_one_key_at_once_makes_one_video(desk, published) -> None:
    answers = await asyncio.gather(*(_upload(desk.videos, desk.owner, b"abc", "key-1") for _ in range(5)))
    assert len({video.video_id for video in answers}) == 1
    assert (await desk.videos.list(desk.owner, PageRequest())).items == (answers[0],)
    assert published() == [answers[0].blob_key]


async def test_a_failed_upload_keeps_no_key(desk) -> None:
    desk.probe.error = RuntimeError("the probe broke")
    with pytest.raises(RuntimeError, match="the probe broke"):
        await _upload(desk.videos, desk.owner, b"abc", "key-1")
    desk.probe.error = None
    video = await _upload(desk.videos, desk.owner, b"other", "key-1")
    assert (await desk.videos.list(desk.owner, PageRequest())).items == (video,)


async def test_a_key_is_forgotten_in_time(desk) -> None:
    first = await _upload(desk.videos, desk.owner, b"abc", "key-1")
    desk.limits = replace(desk.limits, idempotency_ttl_s=0.0)
    second = await _upload(desk.videos, desk.owner, b"abc", "key-1")
    assert first.video_id != second.video_id

import asyncio
import hashlib

import grpc
import grpc.aio
import pytest

from clipzy.v1 import video_service_pb2 as wire
from clipzy.v1 import video_service_pb2_grpc
from clipzy_server.domain.page import PageRequest
from clipzy_server.usecases.owners import Owners

MIB = 1024 * 1024


async def stored(desk, clipzy):
    """Ada's videos as the use cases list them."""
    owner = (await Owners(desk.database).authenticate(clipzy.ada[0][1].removeprefix("Bearer "))).owner
    return (await desk.videos.list(owner, PageRequest())).items


async def test_an_upload_becomes_a_video_with_the_hash_of_its_bytes(clipzy, desk, upload_parts):
    content = bytes(range(256)) * 10_000
    chunks = [content[:MIB], b"", content[MIB : MIB + 1], content[MIB + 1 :][:MIB], content[2 * MIB + 1 :]]
    sha256 = hashlib.sha256(content).hexdigest()
    sent = upload_parts(*chunks, size_bytes=len(content), sha256=sha256.upper())
    video = (await clipzy.videos.UploadVideo(iter(sent), metadata=clipzy.ada)).video
    assert (video.filename, video.file_size_bytes, video.sha256) == ("a.mp4", len(content), sha256)
    (kept,) = await stored(desk, clipzy)
    assert kept.video_id == video.video_id
    assert b"".join([piece async for piece in desk.blobs.read(kept.blob_key)]) == content


async def test_a_repeated_upload_under_one_key_is_one_video(clipzy, refusal, upload_parts):
    first, second = [
        await clipzy.videos.UploadVideo(iter(upload_parts(b"abc", request_id="key-1")), metadata=clipzy.ada)
        for _ in range(2)
    ]
    assert first == second
    other = clipzy.videos.UploadVideo(iter(upload_parts(b"other", request_id="key-1")), metadata=clipzy.ada)
    assert await refusal(other) == "IDEMPOTENCY_KEY_REUSED"


def chunk(content):
    return wire.UploadVideoRequest(chunk=content)


REFUSED = [
    (lambda parts: [], "MISSING_FIELD"),
    (lambda parts: [chunk(b"x")], "MISSING_FIELD"),
    (lambda parts: [wire.UploadVideoRequest()], "MISSING_FIELD"),
    (lambda parts: parts(b"x", filename=""), "MISSING_FIELD"),
    (lambda parts: parts(), "VALIDATION_ERROR"),
    (lambda parts: [*parts(b"x"), *parts(b"y")], "VALIDATION_ERROR"),
    (lambda parts: [*parts(b"x"), wire.UploadVideoRequest()], "VALIDATION_ERROR"),
    (lambda parts: parts(b"x" * (MIB + 1)), "VALIDATION_ERROR"),
    (lambda parts: parts(b"abc", size_bytes=4), "VALIDATION_ERROR"),
    (lambda parts: parts(b"abc", size_bytes=2), "VALIDATION_ERROR"),
    (lambda parts: parts(b"abc", sha256="00" * 32), "VALIDATION_ERROR"),
    (lambda parts: parts(b"abc", webhook_url="http://127.0.0.1/"), "VALIDATION_ERROR"),
    (lambda parts: parts(b"abc", template_video_id="vid_unknown"), "VIDEO_NOT_FOUND"),
    (lambda parts: parts(*[b"x" * MIB] * 3), "FILE_TOO_LARGE"),
    (lambda parts: parts(b"abc", size_bytes=10**12), "FILE_TOO_LARGE"),
    (lambda parts: parts(b"abc", upload_id="upl_1"), "NOT_IMPLEMENTED"),
]


async def test_a_wrong_upload_is_refused_and_leaves_nothing(clipzy, desk, refusal, upload_parts):
    for number, (make, reason) in enumerate(REFUSED):
        call = clipzy.videos.UploadVideo(iter(make(upload_parts)), metadata=clipzy.ada)
        assert await refusal(call) == reason, number
    assert await stored(desk, clipzy) == ()
    assert list(clipzy.staging.iterdir()) == []


async def test_a_crash_while_storing_leaks_nothing_and_leaves_nothing(clipzy, desk, refusal, upload_parts):
    desk.probe.error = RuntimeError("the secret is 1234")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await clipzy.videos.UploadVideo(iter(upload_parts(b"abc")), metadata=clipzy.ada)
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert "1234" not in f"{caught.value} {caught.value.trailing_metadata()}"
    assert await stored(desk, clipzy) == ()
    assert list(clipzy.staging.iterdir()) == []


@pytest.mark.parametrize("how", ["cancelled call", "lost connection"])
@pytest.mark.parametrize("sent_chunks", [0, 1, 2])
async def test_an_upload_that_breaks_off_leaves_nothing(clipzy, desk, upload_parts, how, sent_chunks):
    channel = grpc.aio.insecure_channel(clipzy.address, options=[("grpc.use_local_subchannel_pool", 1)])
    call = video_service_pb2_grpc.VideoServiceStub(channel).UploadVideo(metadata=clipzy.ada)
    for part in upload_parts(*[b"x" * MIB] * sent_chunks):
        await call.write(part)
    await clipzy.upload_begun.wait()
    if how == "cancelled call":
        call.cancel()
    await channel.close()
    # Stopping waits for the handlers that still run.
    await clipzy.server.stop(30)
    assert await stored(desk, clipzy) == ()
    assert list(clipzy.staging.iterdir()) == []
    assert desk.probe.paths == []


async def test_videos_are_found_listed_and_deleted(clipzy, refusal, upload_parts):
    ids = []
    for name in ("one.mp4", "two.mp4", "three.mp4"):
        sent = iter(upload_parts(name.encode(), filename=name))
        ids.append((await clipzy.videos.UploadVideo(sent, metadata=clipzy.ada)).video.video_id)
    found = await clipzy.videos.GetVideo(wire.GetVideoRequest(video_id=ids[1]), metadata=clipzy.ada)
    assert found.video.filename == "two.mp4"
    page = await clipzy.videos.ListVideos(wire.ListVideosRequest(page=2, page_size=2), metadata=clipzy.ada)
    assert ([video.video_id for video in page.videos], page.total, page.page, page.page_size) == (ids[:1], 3, 2, 2)
    await clipzy.videos.DeleteVideo(wire.DeleteVideoRequest(video_id=ids[1]), metadata=clipzy.ada)
    gone = clipzy.videos.GetVideo(wire.GetVideoRequest(video_id=ids[1]), metadata=clipzy.ada)
    assert await refusal(gone) == "VIDEO_NOT_FOUND"


async def test_other_peoples_videos_are_unknown(clipzy, refusal, video):
    asked = wire.GetVideoRequest(video_id=video.video_id)
    assert await refusal(clipzy.videos.GetVideo(asked, metadata=clipzy.bob)) == "VIDEO_NOT_FOUND"
    assert (await clipzy.videos.ListVideos(wire.ListVideosRequest(), metadata=clipzy.bob)).total == 0


async def test_uploads_side_by_side_do_not_mix(clipzy, upload_parts):
    contents = [bytes([index]) * 700_000 for index in range(8)]
    answers = await asyncio.gather(
        *(
            clipzy.videos.UploadVideo(iter(upload_parts(content[:300_000], content[300_000:])), metadata=clipzy.ada)
            for content in contents
        )
    )
    assert [answer.video.sha256 for answer in answers] == [hashlib.sha256(content).hexdigest() for content in contents]


async def test_resumable_uploads_say_that_they_are_not_there_yet(clipzy, refusal):
    for call in (
        clipzy.videos.StartUpload(wire.StartUploadRequest(), metadata=clipzy.ada),
        clipzy.videos.GetUpload(wire.GetUploadRequest(), metadata=clipzy.ada),
    ):
        assert await refusal(call) == "NOT_IMPLEMENTED"

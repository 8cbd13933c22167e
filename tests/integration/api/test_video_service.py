import asyncio
import hashlib

import grpc
import grpc.aio
import pytest

from clipzy.v1 import video_service_pb2 as wire
from clipzy.v1 import video_service_pb2_grpc

MIB = 1024 * 1024


def parts(*chunks, filename="a.mp4", **header):
    yield wire.UploadVideoRequest(header=wire.UploadVideoHeader(filename=filename, **header))
    for chunk in chunks:
        yield wire.UploadVideoRequest(chunk=chunk)


async def test_an_upload_becomes_a_video_with_the_hash_of_its_bytes(clipzy):
    content = bytes(range(256)) * 10_000
    chunks = [content[:MIB], b"", content[MIB : MIB + 1], content[MIB + 1 :][:MIB], content[2 * MIB + 1 :]]
    answer = await clipzy.videos.UploadVideo(
        parts(*chunks, size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest().upper(), request_id="key-1"),
        metadata=clipzy.ada,
    )
    assert answer.video.file_size_bytes == len(content)
    assert answer.video.sha256 == hashlib.sha256(content).hexdigest()
    (kept,) = clipzy.kept.videos.videos.values()
    assert (kept.video_id, kept.owner_id, kept.filename) == (answer.video.video_id, "own_ada", "a.mp4")
    (asked,) = clipzy.kept.videos.requests
    assert (asked[0].size_bytes, asked[1]) == (len(content), "key-1")


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ([], "MISSING_FIELD"),
        ([wire.UploadVideoRequest(chunk=b"x")], "MISSING_FIELD"),
        ([wire.UploadVideoRequest()], "MISSING_FIELD"),
        (list(parts(filename="")), "MISSING_FIELD"),
        (list(parts()), "VALIDATION_ERROR"),
        ([*parts(b"x"), *parts(b"y")], "VALIDATION_ERROR"),
        ([*parts(b"x"), wire.UploadVideoRequest()], "VALIDATION_ERROR"),
        (list(parts(b"x" * (MIB + 1))), "VALIDATION_ERROR"),
        (list(parts(b"abc", size_bytes=4)), "VALIDATION_ERROR"),
        (list(parts(b"abc", size_bytes=2)), "VALIDATION_ERROR"),
        (list(parts(b"abc", sha256="00" * 32)), "VALIDATION_ERROR"),
        (list(parts(b"abc", template_video_id="vid_unknown")), "VIDEO_NOT_FOUND"),
        (list(parts(*[b"x" * MIB] * 3)), "FILE_TOO_LARGE"),
        (list(parts(b"abc", upload_id="upl_1")), "NOT_IMPLEMENTED"),
    ],
)
async def test_a_wrong_upload_is_refused_and_leaves_nothing(clipzy, refusal, sent, reason):
    assert await refusal(clipzy.videos.UploadVideo(iter(sent), metadata=clipzy.ada)) == reason
    assert clipzy.kept.videos.videos == {}
    assert list(clipzy.staging.iterdir()) == []


@pytest.mark.parametrize("how", ["cancelled call", "lost connection"])
@pytest.mark.parametrize("sent_chunks", [0, 1, 2])
async def test_an_upload_that_breaks_off_leaves_nothing(clipzy, how, sent_chunks):
    channel = grpc.aio.insecure_channel(clipzy.address, options=[("grpc.use_local_subchannel_pool", 1)])
    call = video_service_pb2_grpc.VideoServiceStub(channel).UploadVideo(metadata=clipzy.ada)
    for part in parts(*[b"x" * MIB] * sent_chunks):
        await call.write(part)
    async with asyncio.timeout(20):
        sink = await clipzy.kept.videos.sinks.get()
        if how == "cancelled call":
            call.cancel()
        await channel.close()
        await sink.ended.wait()
    assert clipzy.kept.videos.videos == {}
    assert list(clipzy.staging.iterdir()) == []


async def test_videos_are_found_listed_and_deleted(clipzy, refusal):
    ids = [
        (await clipzy.videos.UploadVideo(parts(b"x", filename=name), metadata=clipzy.ada)).video.video_id
        for name in ("one.mp4", "two.mp4", "three.mp4")
    ]
    found = await clipzy.videos.GetVideo(wire.GetVideoRequest(video_id=ids[1]), metadata=clipzy.ada)
    assert found.video.filename == "two.mp4"
    page = await clipzy.videos.ListVideos(wire.ListVideosRequest(page=2, page_size=2), metadata=clipzy.ada)
    assert ([video.video_id for video in page.videos], page.total, page.page, page.page_size) == (ids[2:], 3, 2, 2)
    await clipzy.videos.DeleteVideo(wire.DeleteVideoRequest(video_id=ids[1]), metadata=clipzy.ada)
    gone = clipzy.videos.GetVideo(wire.GetVideoRequest(video_id=ids[1]), metadata=clipzy.ada)
    assert await refusal(gone) == "VIDEO_NOT_FOUND"


async def test_other_peoples_videos_are_unknown(clipzy, refusal):
    video = (await clipzy.videos.UploadVideo(parts(b"x"), metadata=clipzy.ada)).video
    asked = wire.GetVideoRequest(video_id=video.video_id)
    assert await refusal(clipzy.videos.GetVideo(asked, metadata=clipzy.bob)) == "VIDEO_NOT_FOUND"
    assert (await clipzy.videos.ListVideos(wire.ListVideosRequest(), metadata=clipzy.bob)).total == 0


async def test_resumable_uploads_say_that_they_are_not_there_yet(clipzy, refusal):
    for call in (
        clipzy.videos.StartUpload(wire.StartUploadRequest(), metadata=clipzy.ada),
        clipzy.videos.GetUpload(wire.GetUploadRequest(), metadata=clipzy.ada),
    ):
        assert await refusal(call) == "NOT_IMPLEMENTED"

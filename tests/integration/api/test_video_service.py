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
    (lambda parts: parts(b"abc", upload_id="upl_1"), "UPLOAD_NOT_FOUND"),
]


async def test_a_wrong_upload_is_refused_and_leaves_nothing(clipzy, desk, refusal, upload_parts):
    for number, (make, reason) in enumerate(REFUSED):
        call = clipzy.videos.UploadVideo(iter(make(upload_parts)), metadata=clipzy.ada)
        assert await refusal(call) == reason, number
    assert await stored(desk, clipzy) == ()
    assert list(clipzy.staging.glob("*/*")) == []


async def test_a_crash_while_storing_leaks_nothing_and_leaves_nothing(clipzy, desk, refusal, upload_parts):
    desk.probe.error = RuntimeError("the secret is hush")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await clipzy.videos.UploadVideo(iter(upload_parts(b"abc")), metadata=clipzy.ada)
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert "hush" not in f"{caught.value} {caught.value.trailing_metadata()}"
    assert await stored(desk, clipzy) == ()
    assert list(clipzy.staging.glob("*/*")) == []


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
    await clipzy.server.stop(30)
    # Stopping does not wait for a handler whose call was cancelled; it may still be at the removal of its file.
    while list(clipzy.staging.glob("*/*")):  # noqa: ASYNC110 - the handler's file
        await asyncio.sleep(0.01)
    assert await stored(desk, clipzy) == ()
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


@pytest.fixture
def started(clipzy):
    """`await started(size_bytes, **header)` → a resumable upload of Ada's."""

    async def start(size_bytes, filename="a.mp4", **header):
        request = wire.StartUploadRequest(filename=filename, size_bytes=size_bytes, **header)
        return (await clipzy.videos.StartUpload(request, metadata=clipzy.ada)).upload

    return start


async def found(clipzy, upload):
    request = wire.GetUploadRequest(upload_id=upload.upload_id)
    return (await clipzy.videos.GetUpload(request, metadata=clipzy.ada)).upload


def onward(upload_id, offset_bytes, *chunks):
    header = wire.UploadVideoHeader(upload_id=upload_id, offset_bytes=offset_bytes)
    return iter([wire.UploadVideoRequest(header=header), *map(chunk, chunks)])


async def test_an_upload_goes_on_from_where_it_is(clipzy, desk, started, refusal):
    content = bytes(range(256)) * 8_000
    upload = await started(len(content), sha256=hashlib.sha256(content).hexdigest().upper())
    assert (upload.filename, upload.size_bytes, upload.offset_bytes) == ("a.mp4", len(content), 0)
    assert upload.expires_at.ToDatetime() > upload.expires_at.ToDatetime().min

    first = clipzy.videos.UploadVideo(onward(upload.upload_id, 0, content[:MIB]), metadata=clipzy.ada)
    assert await refusal(first) == "VALIDATION_ERROR"
    upload = await found(clipzy, upload)
    assert (upload.offset_bytes, upload.HasField("video_id")) == (MIB, False)

    sent = onward(upload.upload_id, MIB, content[MIB:])
    video = (await clipzy.videos.UploadVideo(sent, metadata=clipzy.ada)).video
    (kept,) = await stored(desk, clipzy)
    assert (kept.video_id, kept.sha256) == (video.video_id, hashlib.sha256(content).hexdigest())
    assert b"".join([piece async for piece in desk.blobs.read(kept.blob_key)]) == content
    upload = await found(clipzy, upload)
    assert (upload.offset_bytes, upload.video_id) == (len(content), video.video_id)


async def test_of_a_resumable_upload_that_breaks_off_the_bytes_are_kept(clipzy, started):
    upload = await started(10 * 300_000)
    channel = grpc.aio.insecure_channel(clipzy.address, options=[("grpc.use_local_subchannel_pool", 1)])
    call = video_service_pb2_grpc.VideoServiceStub(channel).UploadVideo(metadata=clipzy.ada)
    for part in onward(upload.upload_id, 0, *[b"x" * 300_000] * 4):
        await call.write(part)
    while not list(clipzy.staging.parent.glob(f"uploads/{upload.upload_id}/*")):  # noqa: ASYNC110 - the server's files
        await asyncio.sleep(0.01)
    await channel.close()
    while not (offset := (await found(clipzy, upload)).offset_bytes):  # noqa: ASYNC110 - the server's row
        await asyncio.sleep(0.01)
    assert offset % 300_000 == 0


async def test_a_repeated_start_is_the_first_upload(started, refusal, clipzy):
    first, second = [await started(5, request_id="key-1") for _ in range(2)]
    assert first == second
    other = wire.StartUploadRequest(filename="a.mp4", size_bytes=6, request_id="key-1")
    assert await refusal(clipzy.videos.StartUpload(other, metadata=clipzy.ada)) == "IDEMPOTENCY_KEY_REUSED"


@pytest.mark.parametrize(
    ("request_fields", "reason"),
    [
        ({"size_bytes": 5}, "MISSING_FIELD"),
        ({"filename": "a.mp4"}, "MISSING_FIELD"),
        ({"filename": "a.mp4", "size_bytes": -5}, "VALIDATION_ERROR"),
        ({"filename": "a.mp4", "size_bytes": 10**12}, "FILE_TOO_LARGE"),
        ({"filename": "a.mp4", "size_bytes": 5, "template_video_id": "vid_none"}, "VIDEO_NOT_FOUND"),
        ({"filename": "a.mp4", "size_bytes": 5, "webhook_url": "http://127.0.0.1/"}, "VALIDATION_ERROR"),
    ],
)
async def test_a_wrong_start_is_refused(clipzy, refusal, request_fields, reason):
    call = clipzy.videos.StartUpload(wire.StartUploadRequest(**request_fields), metadata=clipzy.ada)
    assert await refusal(call) == reason


async def test_going_on_wrongly_is_refused_and_changes_nothing(clipzy, started, refusal):
    upload = await started(5)
    for sent, who, reason in (
        (onward(upload.upload_id, 1, b"x"), clipzy.ada, "UPLOAD_OFFSET_CONFLICT"),
        (onward(upload.upload_id, -1, b"x"), clipzy.ada, "UPLOAD_OFFSET_CONFLICT"),
        (onward(upload.upload_id, 0, b"123456"), clipzy.ada, "VALIDATION_ERROR"),
        (onward(upload.upload_id, 0, b"x" * (MIB + 1)), clipzy.ada, "VALIDATION_ERROR"),
        (onward("", 0, b"x"), clipzy.ada, "MISSING_FIELD"),
        (onward(upload.upload_id, 0, b"x"), clipzy.bob, "UPLOAD_NOT_FOUND"),
    ):
        assert await refusal(clipzy.videos.UploadVideo(sent, metadata=who)) == reason
    assert (await found(clipzy, upload)).offset_bytes == 0
    request = wire.GetUploadRequest(upload_id=upload.upload_id)
    assert await refusal(clipzy.videos.GetUpload(request, metadata=clipzy.bob)) == "UPLOAD_NOT_FOUND"


async def test_a_wrong_hash_of_the_whole_file_is_told_at_the_end(clipzy, desk, started, refusal):
    upload = await started(3, sha256="00" * 32)
    call = clipzy.videos.UploadVideo(onward(upload.upload_id, 0, b"abc"), metadata=clipzy.ada)
    assert await refusal(call) == "VALIDATION_ERROR"
    assert await stored(desk, clipzy) == ()

"""The tus protocol, header by header, through the gateway; the use cases, database and files behind it are real."""

import asyncio
import base64
import hashlib
import random

import pytest

from clipzy_server.domain.errors import ErrorCode, Invalid, Unavailable

CONTENT = random.Random(7).randbytes(300_000)


def metadata(**values: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


def checksum(content: bytes, algorithm: str = "sha1") -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"


async def until(condition) -> None:
    while not await condition():  # noqa: ASYNC110 - what is waited for happens in another process
        await asyncio.sleep(0.01)


async def is_written_to(tus, url: str) -> bool:
    return bool(await tus.desk.blobs.keys(f"uploads/{url.rpartition('/')[2]}"))


async def half_sent(tus, url: str, content: bytes, announced: int, **headers: str):
    """A PATCH of which only the beginning has been sent: the stream that leads to the gateway."""
    reader, writer = await asyncio.open_connection("127.0.0.1", tus.facade.port)
    lines = {
        "host": "x",
        "authorization": tus.facade.http.headers["authorization"],
        "tus-resumable": "1.0.0",
        "content-type": "application/offset+octet-stream",
        "upload-offset": "0",
        "content-length": str(announced),
    } | headers
    head = "\r\n".join([f"PATCH {url} HTTP/1.1", *(f"{name}: {value}" for name, value in lines.items())])
    writer.write(f"{head}\r\n\r\n".encode() + content)
    await writer.drain()
    return reader, writer


async def test_everybody_may_ask_what_is_spoken(tus):
    for url in (tus.root, f"{tus.root}/upl_1"):
        answer = await tus.facade.http.options(url, headers={"authorization": ""})
        assert answer.status_code == 204
        told = {name: answer.headers[name] for name in answer.headers if name.startswith("tus-")}
        assert told == {
            "tus-resumable": "1.0.0",
            "tus-version": "1.0.0",
            "tus-extension": "creation,creation-with-upload,expiration,checksum,termination",
            "tus-max-size": str(4 * 1024 * 1024),
            "tus-checksum-algorithm": "sha1,sha256,md5",
        }


async def test_a_browser_may_send_and_read_the_headers_of_tus(tus):
    preflight = {
        "origin": "https://app.example.com",
        "access-control-request-method": "PATCH",
        "access-control-request-headers": "tus-resumable,upload-offset",
    }
    answer = await tus.facade.http.options(f"{tus.root}/upl_1", headers=preflight)
    assert answer.status_code == 200
    allowed = set(answer.headers["access-control-allow-headers"].split(", "))
    assert allowed >= {"tus-resumable", "upload-length", "upload-offset", "upload-metadata", "upload-checksum"}
    assert "PATCH" in answer.headers["access-control-allow-methods"]

    answer = await tus.call("POST", tus.root, upload_length="9", origin="https://app.example.com")
    exposed = set(answer.headers["access-control-expose-headers"].split(", "))
    assert answer.headers["access-control-allow-origin"] == "https://app.example.com"
    assert exposed >= {"location", "upload-offset", "upload-expires", "clipzy-video-id", "tus-resumable"}


async def test_an_upload_is_created_without_a_byte(tus):
    answer = await tus.call("POST", tus.root, upload_length="300000")
    assert (answer.status_code, answer.content) == (201, b"")
    assert answer.headers["location"].startswith("/api/v1/videos/uploads/upl_")
    assert answer.headers["upload-offset"] == "0"
    assert answer.headers["upload-expires"].endswith(" GMT")
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert "content-type" not in answer.headers


async def test_what_is_told_of_an_upload_is_not_called_json(tus):
    answer = await tus.call("HEAD", await tus.create(9))
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "application/offset+octet-stream"


async def test_pieces_become_a_video(tus):
    template = await tus.desk.upload(b"template")
    async with tus.desk.database.transaction() as connection:
        await connection.exec_driver_sql("UPDATE clipzy.video SET owner_id = 'own_1'")
    told = metadata(filename="drei Stücke.mp4", template_video_id=template.video_id, filetype="video/mp4")
    url = await tus.create(len(CONTENT), upload_metadata=told)
    for start, end in ((0, 100_000), (100_000, 100_001)):
        answer = await tus.patch(url, start, CONTENT[start:end])
        assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(end))
        assert "upload-expires" in answer.headers
        assert not {"content-type", "content-length"} & set(answer.headers)
        assert await tus.offset(url) == end

    video = await tus.video(await tus.patch(url, 100_001, CONTENT[100_001:]))
    assert (video.filename, video.template_video_id) == ("drei Stücke.mp4", template.video_id)
    assert (video.file_size_bytes, video.sha256) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert b"".join([piece async for piece in tus.desk.blobs.read(video.blob_key)]) == CONTENT

    answer = await tus.call("HEAD", url)
    assert answer.headers["upload-offset"] == answer.headers["upload-length"] == str(len(CONTENT))
    assert answer.headers["clipzy-video-id"] == video.video_id
    assert answer.headers["upload-metadata"] == told
    assert answer.headers["cache-control"] == "no-store"


async def test_a_wrong_offset_is_409(tus, expect_error):
    url = await tus.create(100)
    for offset in (1, 100, 101):
        expect_error(await tus.patch(url, offset, b"x"), 409, "UPLOAD_OFFSET_CONFLICT")
    assert await tus.offset(url) == 0
    assert (await tus.patch(url, 0, b"x")).status_code == 204
    expect_error(await tus.patch(url, 0, b"x"), 409, "UPLOAD_OFFSET_CONFLICT")


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
async def test_bytes_count_only_with_the_checksum_they_were_promised(tus, expect_error, algorithm):
    url = await tus.create(100)
    wrong = await tus.patch(url, 0, b"x" * 10, upload_checksum=checksum(b"y" * 10, algorithm))
    expect_error(wrong, 460, "CHECKSUM_MISMATCH")
    assert await tus.offset(url) == 0
    right = await tus.patch(url, 0, b"x" * 10, upload_checksum=checksum(b"x" * 10, algorithm))
    assert (right.status_code, await tus.offset(url)) == (204, 10)


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ("crc7 AAAA", 400, "UNSUPPORTED_CHECKSUM_ALGORITHM"),
        ("sha1", 460, "CHECKSUM_MISMATCH"),
        ("sha1 ###", 422, "VALIDATION_ERROR"),
    ],
)
async def test_a_checksum_that_cannot_be_read_is_refused(tus, expect_error, header, status, code):
    url = await tus.create(100)
    answer = await tus.patch(url, 0, b"x", upload_checksum=header)
    expect_error(answer, status, code)
    assert await tus.offset(url) == 0


@pytest.mark.parametrize("version", ["", "0.2.2", "2.0.0"])
async def test_another_version_is_412_and_told_ours(tus, expect_error, version):
    url = await tus.create(100)
    for method, path in (("POST", tus.root), ("PATCH", url), ("DELETE", url)):
        answer = await tus.call(method, path, tus_resumable=version, upload_length="9")
        expect_error(answer, 412, "UNSUPPORTED_TUS_VERSION")
        assert answer.headers["tus-version"] == "1.0.0"
    assert (await tus.call("HEAD", url, tus_resumable=version)).status_code == 412
    assert await tus.offset(url) == 0


async def test_bytes_of_another_type_are_415(tus, expect_error):
    url = await tus.create(100)
    for content_type in ("text/plain", "application/octet-stream", "application/json"):
        answer = await tus.patch(url, 0, b"x", content_type=content_type)
        expect_error(answer, 415, "UNSUPPORTED_MEDIA_TYPE")
    expect_error(
        await tus.call("POST", tus.root, b"x", upload_length="9", content_type="text/plain"),
        415,
        "UNSUPPORTED_MEDIA_TYPE",
    )
    assert await tus.offset(url) == 0


@pytest.mark.parametrize(
    ("headers", "status", "code", "named"),
    [
        ({}, 422, "MISSING_FIELD", "Upload-Length"),
        ({"upload_length": "-1"}, 422, "VALIDATION_ERROR", "Upload-Length"),
        ({"upload_length": "ten"}, 422, "VALIDATION_ERROR", "Upload-Length"),
        ({"upload_length": "1e3"}, 422, "VALIDATION_ERROR", "Upload-Length"),
        ({"upload_length": "0"}, 422, "VALIDATION_ERROR", "empty"),
        ({"upload_length": str(2**50)}, 413, "FILE_TOO_LARGE", ""),
        ({"upload_length": "9", "upload_metadata": "filename ###"}, 422, "VALIDATION_ERROR", "filename"),
        ({"upload_length": "9", "upload_metadata": metadata(colour="red")}, 422, "VALIDATION_ERROR", "colour"),
        ({"upload_length": "9", "upload_metadata": "filename eA==,filename eA=="}, 422, "VALIDATION_ERROR", "filename"),
        ({"upload_length": "9", "upload_metadata": "filename " + "A" * 8200}, 422, "VALIDATION_ERROR", "8192"),
        ({"upload_length": "9", "upload_concat": "partial"}, 422, "VALIDATION_ERROR", "Upload-Concat"),
        ({"upload_defer_length": "1"}, 422, "VALIDATION_ERROR", "Upload-Defer-Length"),
        (
            {"upload_length": "9", "upload_metadata": metadata(template_video_id="vid_none")},
            404,
            "VIDEO_NOT_FOUND",
            "vid_none",
        ),
        (
            {"upload_length": "9", "upload_metadata": metadata(webhook_url="http://127.0.0.1/")},
            422,
            "VALIDATION_ERROR",
            "webhook_url",
        ),
    ],
)
async def test_a_bad_creation_is_refused_by_name(tus, expect_error, headers, status, code, named):
    assert named in expect_error(await tus.call("POST", tus.root, **headers), status, code)["detail"]


async def test_a_terminated_upload_is_gone(tus, expect_error):
    url = await tus.create(100)
    await tus.patch(url, 0, b"x")
    answer = await tus.call("DELETE", url)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await tus.call("HEAD", url)).status_code == 404
    expect_error(await tus.patch(url, 1, b"x"), 404, "UPLOAD_NOT_FOUND")
    expect_error(await tus.call("DELETE", url), 404, "UPLOAD_NOT_FOUND")
    assert await tus.desk.blobs.keys("uploads") == []


async def test_the_answer_to_head_has_no_body_even_when_it_is_a_failure(tus):
    head = f"HEAD /api/v1{tus.root}/upl_none HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntus-resumable: 1.0.0\r\n"
    answer = await tus.facade.raw(f"{head}authorization: {tus.facade.http.headers['authorization']}\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert answer.endswith(b"\r\n\r\n")
    assert b"upload-offset" not in answer


async def test_what_arrived_before_a_break_is_kept(tus):
    url = await tus.create(len(CONTENT))
    _, writer = await half_sent(tus, url, CONTENT[:150_000], len(CONTENT))
    await until(lambda: is_written_to(tus, url))
    writer.transport.abort()

    async def has_something() -> bool:
        return await tus.offset(url) > 0

    await until(has_something)
    offset = await tus.offset(url)
    assert offset <= 150_000
    await tus.video(await tus.patch(url, offset, CONTENT[offset:]))


async def test_of_a_break_before_the_checksum_nothing_is_kept(tus):
    url = await tus.create(len(CONTENT))
    _, writer = await half_sent(tus, url, CONTENT[:150_000], len(CONTENT), **{"upload-checksum": checksum(CONTENT)})
    await until(lambda: is_written_to(tus, url))
    writer.transport.abort()

    async def is_clean() -> bool:
        return not await is_written_to(tus, url)

    await until(is_clean)
    assert await tus.offset(url) == 0


async def test_of_two_writers_the_later_wins_and_nothing_mixes(tus, expect_error):
    url = await tus.create(len(CONTENT))
    reader, writer = await half_sent(tus, url, b"?" * 200_000, len(CONTENT))
    await until(lambda: is_written_to(tus, url))
    video = await tus.video(await tus.patch(url, 0, CONTENT))
    assert video.sha256 == hashlib.sha256(CONTENT).hexdigest()
    writer.write(b"?" * (len(CONTENT) - 200_000))
    await writer.drain()
    assert b" 409 " in await reader.readline()
    writer.close()
    assert await tus.offset(url) == len(CONTENT)


async def test_more_than_was_announced_is_refused(tus, expect_error):
    url = await tus.create(100)
    expect_error(await tus.patch(url, 0, b"x" * 200), 422, "VALIDATION_ERROR")
    assert await tus.offset(url) < 100


async def test_what_is_no_video_is_refused_at_the_end_and_forgotten(tus, expect_error):
    tus.desk.probe.error = Invalid(ErrorCode.UNSUPPORTED_FORMAT, "Not a video")
    url = await tus.create(3)
    expect_error(await tus.patch(url, 0, b"abc"), 422, "UNSUPPORTED_FORMAT")
    assert (await tus.call("HEAD", url)).status_code == 404
    assert await tus.desk.blobs.keys("uploads") == []


async def test_an_end_that_fails_for_now_can_be_asked_for_again(tus, expect_error):
    tus.desk.probe.error = Unavailable(ErrorCode.UNAVAILABLE, "Not now")
    url = await tus.create(len(CONTENT))
    await tus.patch(url, 0, CONTENT[:100_000])
    expect_error(await tus.patch(url, 100_000, CONTENT[100_000:]), 503, "UNAVAILABLE")
    offset = await tus.offset(url)
    assert offset == len(CONTENT) - 1, "the last byte counts only with the video"
    tus.desk.probe.error = None
    video = await tus.video(await tus.patch(url, offset, CONTENT[offset:]))
    assert video.sha256 == hashlib.sha256(CONTENT).hexdigest()


async def test_an_upload_that_was_not_finished_in_time_is_gone(tus, expect_error):
    url = await tus.create(100)
    async with tus.desk.database.transaction() as connection:
        await connection.exec_driver_sql("UPDATE clipzy.upload SET expires_at = now()")
    assert (await tus.call("HEAD", url)).status_code == 404
    expect_error(await tus.patch(url, 0, b"x"), 404, "UPLOAD_NOT_FOUND")


async def test_a_creation_may_bring_all_bytes_along(tus):
    sent = {"upload_length": "300000", "content_type": "application/offset+octet-stream"}
    answer = await tus.call("POST", tus.root, CONTENT, **sent)
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, "300000")
    video = await tus.desk.videos.get(tus.owner, answer.headers["clipzy-video-id"])
    assert video.sha256 == hashlib.sha256(CONTENT).hexdigest()


async def test_a_creation_may_bring_the_first_bytes_along(tus):
    sent = {"upload_length": "300000", "content_type": "application/offset+octet-stream"}
    answer = await tus.call("POST", tus.root, CONTENT[:1000], **sent)
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, "1000")
    await tus.video(await tus.patch(answer.headers["location"], 1000, CONTENT[1000:]))


async def test_a_repeated_creation_is_the_first_one_again(tus, expect_error):
    key = {"idempotency_key": "key-1"}
    first = await tus.create(100, **key)
    await tus.patch(first, 0, b"x" * 10)
    answer = await tus.call("POST", tus.root, upload_length="100", **key)
    assert (answer.status_code, answer.headers["location"], answer.headers["upload-offset"]) == (201, first, "10")
    other = await tus.call("POST", tus.root, upload_length="101", **key)
    expect_error(other, 409, "IDEMPOTENCY_KEY_REUSED")


async def test_a_client_without_patch_names_it_in_a_header(tus):
    url = await tus.create(100)
    kind = {"content_type": "application/offset+octet-stream", "upload_offset": "0"}
    answer = await tus.call("POST", url, b"12345", x_http_method_override="PATCH", **kind)
    assert (answer.status_code, answer.headers["upload-offset"]) == (204, "5")
    assert (await tus.call("POST", url, x_http_method_override="DELETE")).status_code == 204
    assert (await tus.call("HEAD", url)).status_code == 404


async def test_a_full_disk_is_507_before_a_byte_is_taken(tus, expect_error):
    url = await tus.create(100)
    tus.limit(free_disk_reserve_bytes=2**62)
    expect_error(await tus.call("POST", tus.root, upload_length="9"), 507, "INSUFFICIENT_STORAGE")
    expect_error(await tus.patch(url, 0, b"x"), 507, "INSUFFICIENT_STORAGE")


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE"])
async def test_unknown_uploads_are_404(tus, method):
    kind = {"content_type": "application/offset+octet-stream", "upload_offset": "0"}
    answer = await tus.call(method, f"{tus.root}/upl_none", b"x" if method == "PATCH" else None, **kind)
    assert answer.status_code == 404
    assert answer.headers["tus-resumable"] == "1.0.0"

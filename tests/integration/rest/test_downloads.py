"""Downloads through the gateway: exact lengths, ranges, HEAD, honest failures."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from tests import frames

CONTENT = bytes(range(251)) * 12_000


@dataclass(frozen=True)
class Stored:
    name: str = "output.mp4"
    content: bytes = CONTENT
    content_type: str = "video/mp4"
    etag: str = "tag"
    fails_after: int | None = None
    given_away_at: str | None = None

    @property
    def size_bytes(self) -> int:
        return len(self.content)

    async def link(self, method: str) -> str | None:
        return self.given_away_at and f"{self.given_away_at}?method={method}"

    async def read(self, start: int, end: int) -> AsyncIterator[bytes]:
        if self.fails_after is None:
            yield self.content[start:end]
            return
        if self.fails_after:
            yield self.content[start : start + self.fails_after]
        raise OSError("The disk is gone")


@pytest.fixture
def output(facade):
    """Puts a file in place; gives the path of its download."""

    def place(file: Stored) -> str:
        job = facade.jobs.add()
        facade.jobs.files[job.job_id, "output.mp4"] = file
        facade.jobs.files[job.job_id, "style.json"] = file
        return f"/jobs/{job.job_id}/output"

    return place


async def test_the_whole_file_is_an_attachment_of_known_length(facade, output):
    answer = await facade.http.get(output(Stored()))
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["content-length"] == str(len(CONTENT))
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"] == '"tag"'
    assert answer.headers["content-disposition"] == 'attachment; filename="output.mp4"'
    assert not [name for name in answer.headers if name.startswith(("x-clipzy", "grpc-"))]


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=100-2000000", 100, 2_000_001),
        ("bytes=500-", 500, len(CONTENT)),
        ("bytes=-50", len(CONTENT) - 50, len(CONTENT)),
        ("bytes=10-99999999999", 10, len(CONTENT)),
    ],
)
async def test_a_range_is_a_206_of_these_bytes(facade, output, header, start, end):
    answer = await facade.http.get(output(Stored()), headers={"range": header})
    assert (answer.status_code, answer.content) == (206, CONTENT[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(CONTENT)}"
    assert answer.headers["content-length"] == str(end - start)


async def test_a_range_outside_is_a_416_that_tells_the_size(facade, output, expect_error):
    answer = await facade.http.get(output(Stored()), headers={"range": f"bytes={len(CONTENT)}-"})
    expect_error(answer, 416, "RANGE_NOT_SATISFIABLE")
    assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"


async def test_a_range_of_another_version_gives_the_whole_file(facade, output):
    path = output(Stored())
    answer = await facade.http.get(path, headers={"range": "bytes=0-9", "if-range": '"older"'})
    assert (answer.status_code, len(answer.content)) == (200, len(CONTENT))
    answer = await facade.http.get(path, headers={"range": "bytes=0-9", "if-range": '"tag"'})
    assert (answer.status_code, len(answer.content)) == (206, 10)


async def test_head_tells_the_length_and_sends_nothing(facade, output):
    path = output(Stored())
    for place in (path, path.replace("/output", "/artifacts/style.json")):
        answer = await facade.http.head(place)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-length"] == str(len(CONTENT))
        assert answer.headers["content-type"] == "video/mp4"


async def test_a_head_that_fails_sends_no_body_either(facade):
    lines = (
        "HEAD /api/v1/jobs/job_none/output HTTP/1.1",
        "host: x",
        f"authorization: {facade.http.headers['authorization']}",
        "connection: close",
    )
    answer = await facade.raw("\r\n".join((*lines, "", "")).encode())
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("header", ["bytes=0-9", f"bytes={len(CONTENT)}-"])
async def test_head_knows_no_ranges(facade, output, header):
    answer = await facade.http.head(output(Stored()), headers={"range": header})
    assert (answer.status_code, answer.headers["content-length"]) == (200, str(len(CONTENT)))


@pytest.mark.parametrize("header", ["bytes=0-9,20-29", "bytes=9-0", "bytes=-", "lines=0-9", "bytes=a-b"])
async def test_several_ranges_and_what_is_none_give_the_whole_file(facade, output, header):
    answer = await facade.http.get(output(Stored()), headers={"range": header})
    assert (answer.status_code, len(answer.content)) == (200, len(CONTENT))


@pytest.mark.parametrize("known", ['"tag"', '"other", W/"tag"', "*"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_file_that_is_known_is_not_sent_again(facade, output, method, known):
    asked = {"if-none-match": known, "range": "bytes=0-9"}
    answer = await facade.http.request(method, output(Stored()), headers=asked)
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == '"tag"'
    assert answer.headers["cache-control"] == "private, no-cache"


async def test_another_tag_gives_the_file(facade, output):
    answer = await facade.http.get(output(Stored()), headers={"if-none-match": '"other"'})
    assert (answer.status_code, len(answer.content)) == (200, len(CONTENT))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_storage_that_gives_files_away_is_pointed_at(facade, output, method):
    path = output(Stored(given_away_at="https://storage.example/a%20b"))
    answer = await facade.http.request(method, path)
    assert (answer.status_code, answer.content) == (307, b"")
    assert answer.headers["location"] == f"https://storage.example/a%20b?method={method}"
    assert answer.headers["cache-control"] == "no-store"


async def test_an_empty_file_is_an_empty_answer(facade, output):
    answer = await facade.http.get(output(Stored(content=b"")))
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")


async def test_a_file_that_cannot_be_read_is_an_honest_error(facade, output, expect_error):
    expect_error(await facade.http.get(output(Stored(fails_after=0))), 500, "INTERNAL_ERROR")


async def test_a_file_that_breaks_off_never_looks_complete(facade, output):
    path = output(Stored(fails_after=1_000_000))
    with pytest.raises(httpx.RemoteProtocolError):
        await facade.http.get(path)


async def test_an_unknown_artifact_is_404(facade, output, expect_error):
    path = output(Stored()).replace("/output", "/artifacts/nothing.txt")
    expect_error(await facade.http.get(path), 404, "ARTIFACT_NOT_FOUND")


async def test_over_http2_a_download_does_not_end_the_connection(facade, output):
    # Clients exist that take the announcement of the end for the end and lose the last bytes.
    path = f"/api/v1{output(Stored())}"
    reader, writer = await asyncio.open_connection("127.0.0.1", facade.port)
    writer.write(frames.opening() + frames.get(1, path, ("authorization", facade.http.headers["authorization"])))
    received = bytearray()
    while not (frame := await frames.read_frame(reader)).ends(1):
        assert frame.kind != frames.GOAWAY
        received += frame.payload if frame.kind == frames.DATA else b""
    writer.close()
    assert received == CONTENT

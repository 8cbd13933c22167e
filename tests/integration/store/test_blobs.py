"""One suite for both kinds of storage: a local folder, and S3 as moto's server speaks it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from clipzy_server.store.blobs import Blobs


@pytest.fixture
def blobs(storage: Callable[[], Blobs]) -> Blobs:
    return storage()


async def _content(blobs: Blobs, key: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([piece async for piece in blobs.read(key, start, end)])


async def test_what_was_written_is_read_whole_and_in_ranges(blobs: Blobs) -> None:
    content = bytes(range(256)) * 12_000
    async with blobs.open_writer("vid_1/clip.mp4") as writer:
        await writer.write(content[:1_000_000])
        await writer.write(content[1_000_000:])

    assert await blobs.size("vid_1/clip.mp4") == len(content)
    assert await _content(blobs, "vid_1/clip.mp4") == content
    assert await _content(blobs, "vid_1/clip.mp4", 7, 1_048_583) == content[7:1_048_583]
    assert await _content(blobs, "vid_1/clip.mp4", len(content) - 3) == content[-3:]
    assert await _content(blobs, "vid_1/clip.mp4", len(content)) == b""


async def test_a_write_that_fails_leaves_nothing(blobs: Blobs, tmp_path: Path) -> None:
    async def fail() -> None:
        async with blobs.open_writer("vid_1/clip.mp4") as writer:
            await writer.write(b"half")
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        await fail()
    assert await blobs.keys("vid_1") == []
    assert list((tmp_path / "storage" / ".staging").glob("*/*")) == []


async def test_a_published_key_is_never_replaced(blobs: Blobs) -> None:
    async with blobs.open_writer("vid_1/clip.mp4") as writer:
        await writer.write(b"first")

    async def fail() -> None:
        async with blobs.open_writer("vid_1/clip.mp4") as writer:
            await writer.write(b"second")

    with pytest.raises(FileExistsError):
        await fail()
    assert await _content(blobs, "vid_1/clip.mp4") == b"first"


async def test_all_but_some_files_of_a_folder_go(blobs: Blobs) -> None:
    for name in ("a/deep/x", "a/y", "b/z"):
        async with blobs.open_writer(f"jobs/1/{name}") as writer:
            await writer.write(b"x")
    await blobs.delete_others("jobs/1", frozenset({"jobs/1/a/y"}))
    assert await blobs.keys("jobs/1") == ["jobs/1/a/y"]
    await blobs.delete_others("jobs/1", frozenset())
    await blobs.delete_others("jobs/2", frozenset())
    assert await blobs.keys("jobs") == []
    assert await blobs.folders("jobs") == []


async def test_a_workspace_is_published_at_the_end_or_not_at_all(blobs: Blobs) -> None:
    async def fail() -> None:
        async with blobs.workspace("jobs/1/a") as folder:
            (folder / "x").write_bytes(b"x")
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        await fail()
    assert await blobs.keys("jobs/1") == []

    async with blobs.workspace("jobs/1/b") as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "y").write_bytes(b"yy")
        (folder / "x").write_bytes(b"x")
    assert await blobs.keys("jobs/1") == ["jobs/1/b/deep/y", "jobs/1/b/x"]
    async with blobs.local_folder("jobs/1/b") as folder:
        assert (folder / "deep" / "y").read_bytes() == b"yy"
    async with blobs.local("jobs/1/b/x") as path:
        assert path.read_bytes() == b"x"


async def test_deleting_is_final_and_may_be_repeated(blobs: Blobs) -> None:
    async with blobs.workspace("jobs/1/a") as folder:
        (folder / "x").write_bytes(b"x")
        (folder / "y").write_bytes(b"y")
    await blobs.delete("jobs/1/a/x")
    await blobs.delete("jobs/1/a/x")
    assert await blobs.keys("jobs") == ["jobs/1/a/y"]
    await blobs.delete_prefix("jobs/1")
    await blobs.delete_prefix("jobs/1")
    assert await blobs.keys("jobs") == []
    with pytest.raises(FileNotFoundError):
        await blobs.size("jobs/1/a/y")


async def test_s3_gives_away_what_a_link_names_and_a_folder_nothing(blobs: Blobs) -> None:
    async with blobs.open_writer("job_1/output.mp4") as writer:
        await writer.write(b"0123456789")
    links = [await blobs.link("job_1/output.mp4", method) for method in ("GET", "HEAD")]
    if blobs.is_local:
        assert links == [None, None]
        return
    async with httpx.AsyncClient() as anybody:
        whole = await anybody.get(str(links[0]))
        part = await anybody.get(str(links[0]), headers={"range": "bytes=2-4"})
        head = await anybody.head(str(links[1]))
    assert (whole.content, part.status_code, part.content) == (b"0123456789", 206, b"234")
    assert head.headers["content-length"] == "10"
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.headers["content-disposition"] == 'attachment; filename="output.mp4"'
    asked = parse_qs(urlsplit(str(links[0])).query)
    assert asked["X-Amz-Expires"] == ["60"]
    assert asked["X-Amz-Signature"]


async def test_folders_and_what_lies_in_them_are_told_with_the_time_of_publishing(blobs: Blobs) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    for key in ("vid_1/a.mp4", "vid_2/b.mp4", "jobs/job_1/rendering/1/output.mp4"):
        async with blobs.open_writer(key) as writer:
            await writer.write(b"x")
    assert await blobs.folders() == ["jobs", "vid_1", "vid_2"]
    assert await blobs.folders("jobs") == ["job_1"]
    assert await blobs.folders("nothing") == []
    published = await blobs.published("vid_1")
    assert list(published) == ["vid_1/a.mp4"]
    assert before <= published["vid_1/a.mp4"]

"""A published tus client uploads through the gateway; the server dies in the middle."""

import hashlib
import os
import random
import signal
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tusclient.client import TusClient

MIB = 1024 * 1024
PATIENCE_S = 60


@pytest.fixture
def film(clips: Path, tmp_path: Path) -> Path:
    """A playable MP4 of some 24 MiB, most of it in a box that players skip."""
    skipped = random.Random(1).randbytes(24 * MIB)
    path = tmp_path / "großer Film.mp4"
    path.write_bytes((clips / "footage.mp4").read_bytes() + struct.pack(">I4s", len(skipped) + 8, b"free") + skipped)
    return path


@contextmanager
def half_sent(stack, url: str, offset: int, content: bytes, announced: int) -> Iterator[None]:
    """A PATCH that has sent only `content` of the bytes it announced."""
    parts = httpx.URL(url)
    lines = (
        f"PATCH {parts.path} HTTP/1.1",
        "host: x",
        f"authorization: Bearer {stack.token}",
        "tus-resumable: 1.0.0",
        "content-type: application/offset+octet-stream",
        f"upload-offset: {offset}",
        f"content-length: {announced}",
    )
    with socket.create_connection((parts.host, parts.port)) as line:
        line.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
        yield


def offset_of(http: httpx.Client, url: str, at_least: int = 0) -> int:
    """Asks, bounded, until the upload has come so far; the server may be starting again."""
    limit = time.monotonic() + PATIENCE_S
    while time.monotonic() < limit:
        answer = http.head(url, headers={"tus-resumable": "1.0.0"})
        if answer.status_code == 200 and int(answer.headers["upload-offset"]) >= at_least:
            return int(answer.headers["upload-offset"])
    raise AssertionError(f"the upload did not reach {at_least} bytes within {PATIENCE_S} s")


def test_an_upload_is_interrupted_and_resumed_by_a_published_client(stack, film):
    content = film.read_bytes()
    client = TusClient(
        f"http://127.0.0.1:{stack.port}/api/v1/videos/uploads", headers={"Authorization": f"Bearer {stack.token}"}
    )
    with film.open("rb") as file, stack.client() as http:
        begun = client.uploader(
            file_stream=file, chunk_size=2 * MIB, metadata={"filename": film.name}, upload_checksum=True
        )
        begun.upload(stop_at=4 * MIB)
        assert offset_of(http, begun.url) == 4 * MIB

        with half_sent(stack, begun.url, 4 * MIB, content[4 * MIB : 14 * MIB], len(content) - 4 * MIB):
            counted = offset_of(http, begun.url, at_least=5 * MIB)
            for server in stack.children("serve"):
                os.kill(server.pid, signal.SIGKILL)
        survived = offset_of(http, begun.url)
        assert counted <= survived <= 14 * MIB

        resumed = client.uploader(file_stream=file, url=begun.url, chunk_size=6 * MIB)
        assert resumed.offset == survived
        resumed.upload()
        assert offset_of(http, begun.url) == len(content)
        video = http.get(f"/videos/{resumed.request.response_headers['clipzy-video-id']}").json()["data"]
    assert (video["filename"], video["file_size_bytes"]) == (film.name, len(content))
    assert video["sha256"] == hashlib.sha256(content).hexdigest()
    assert video["metadata"]["codec"] == "h264"

"""A real Envoy before a real gRPC server, whose use cases are in memory, with answers that a test can foresee."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from clipzy_server.domain.owner import Owner
from clipzy_server.domain.style import StyleDna
from clipzy_server.domain.video import Video
from clipzy_server.rest.services import rest_services
from clipzy_server.transport.identity import Identity
from clipzy_server.transport.server import Service, build_server
from clipzy_server.usecases.use_cases import UseCases
from tests.gateways import Gateway, gateway
from tests.memory_cases import (
    MAX_FILE_BYTES,
    OWNER,
    READING_TOKEN,
    TOKEN,
    LentUploads,
    MemoryHealth,
    MemoryJobs,
    MemoryOwners,
    MemoryStyles,
    MemoryUsages,
    MemoryVideos,
    MemoryWebhooks,
    style,
)


@dataclass
class Facade:
    """The whole façade, as a client sees it (`http`, with a token) and from behind."""

    port: int
    http: httpx.AsyncClient
    videos: MemoryVideos = field(default_factory=MemoryVideos)
    uploads: LentUploads = field(default_factory=LentUploads)
    jobs: MemoryJobs = field(default_factory=MemoryJobs)
    styles: MemoryStyles = field(default_factory=MemoryStyles)
    webhooks: MemoryWebhooks = field(default_factory=MemoryWebhooks)
    health: MemoryHealth = field(default_factory=MemoryHealth)
    usages: MemoryUsages = field(default_factory=MemoryUsages)
    max_file_bytes: int = MAX_FILE_BYTES

    def style(self) -> StyleDna:
        return style()

    async def raw(self, request: bytes) -> bytes:
        """Sends bytes as they stand and reads until the gateway closes the line."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request)
            await writer.drain()
            return await reader.read()
        finally:
            writer.close()


def data_of(answer: httpx.Response, message: str | None = None) -> Any:
    """The data of a success; fails when the envelope is not exact."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = json.loads(answer.content, parse_constant=pytest.fail)
    assert list(body) == ["success", "message", "data"]
    assert body["success"] is True
    assert message in (None, body["message"])
    return body["data"]


def error_of(answer: httpx.Response, status: int, code: str) -> dict[str, str]:
    """The error of a refusal; fails when the envelope is not exact."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json"), answer.text
    body = answer.json()
    assert set(body) == {"success", "message", "error"}
    assert set(body["error"]) == {"detail", "code"}
    assert body["success"] is False
    assert body["error"]["code"] == code, body
    assert body["message"]
    assert body["error"]["detail"]
    assert answer.headers["x-request-id"]
    assert not [name for name in answer.headers if name.startswith(("x-clipzy", "grpc-"))]
    return dict(body["error"])


@pytest.fixture(scope="session")
def reading() -> dict[str, str]:
    """The headers of a caller whose token only reads."""
    return {"authorization": f"Bearer {READING_TOKEN}"}


@pytest.fixture(scope="session")
def expect_data() -> Any:
    return data_of


@pytest.fixture(scope="session")
def expect_error() -> Any:
    return error_of


@pytest.fixture(scope="session")
def plain_log() -> Iterator[None]:
    """A log without the pretty tracebacks, which print every local variable, files included."""
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()])
    yield
    structlog.reset_defaults()


@asynccontextmanager
async def serving(services: Iterable[Service], owners: Any) -> AsyncIterator[Gateway]:
    """A server of `services`, and a gateway in front of it."""
    folder = Path(tempfile.mkdtemp(prefix="clipzy"))
    server = build_server(f"unix:{folder}/serve", services, Identity(owners))
    await server.start()
    try:
        async with gateway(f"unix:{folder}/serve", max_file_bytes=MAX_FILE_BYTES) as running:
            yield running
    finally:
        await server.stop(0)
        shutil.rmtree(folder)


def client_of(gateway: Gateway) -> httpx.AsyncClient:
    """A caller with the token of the tests."""
    base = f"http://127.0.0.1:{gateway.port}/api/v1"
    return httpx.AsyncClient(base_url=base, headers={"authorization": f"Bearer {TOKEN}"})


@pytest.fixture(scope="session")
async def running(plain_log: None) -> AsyncIterator[Facade]:
    """One server and one gateway for all tests of a process."""
    facade = Facade(0, httpx.AsyncClient())
    services = rest_services(facade)  # type: ignore[arg-type]
    async with serving(services, MemoryOwners()) as gateway:
        facade.port = gateway.port
        async with client_of(gateway) as facade.http:
            yield facade


@dataclass(frozen=True)
class Live:
    """The use cases on real parts, behind a gateway of their own."""

    desk: Any
    gateway: Gateway
    http: httpx.AsyncClient


@pytest.fixture
async def live(desk: Any, plain_log: None) -> AsyncIterator[Live]:
    """A server of one test's own, on its own database."""
    cases = UseCases(
        health=MemoryHealth(),  # type: ignore[arg-type]
        videos=desk.videos,
        uploads=desk.uploads,
        jobs=desk.jobs,
        styles=desk.styles,
        usages=desk.usages,
        webhooks=desk.webhooks,
    )
    services = rest_services(cases)
    async with serving(services, MemoryOwners(desk.owner)) as gateway, client_of(gateway) as http:
        yield Live(desk, gateway, http)


@pytest.fixture
def facade(running: Facade) -> Facade:
    """The running façade, empty again."""
    for part in (running.videos, running.jobs, running.styles, running.webhooks):
        part.__init__()  # type: ignore[misc]
    running.health.is_ready = True
    return running


@dataclass
class Tus:
    """A tus client that says exactly what a test wants, and the use cases behind the façade."""

    facade: Facade
    desk: Any
    root: str = "/videos/uploads"
    owner: Owner = OWNER

    def limit(self, **limits: Any) -> None:
        """From here on other limits count."""
        self.desk.limits = replace(self.desk.limits, **limits)
        self.facade.uploads.real = self.desk.uploads

    async def call(self, method: str, url: str, content: bytes | None = None, **headers: str) -> httpx.Response:
        """Headers are named with underscores; the version goes along unless it is overridden."""
        sent = {"tus-resumable": "1.0.0"} | {name.replace("_", "-"): value for name, value in headers.items()}
        path = url.removeprefix("/api/v1")
        kept = {name: value for name, value in sent.items() if value}
        return await self.facade.http.request(method, path, content=content, headers=kept)

    async def create(self, size_bytes: int, **headers: str) -> str:
        answer = await self.call("POST", self.root, upload_length=str(size_bytes), **headers)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"])

    async def patch(self, url: str, offset: int, content: bytes, **headers: str) -> httpx.Response:
        kind = {"content_type": "application/offset+octet-stream", "upload_offset": str(offset)}
        return await self.call("PATCH", url, content, **(kind | headers))

    async def offset(self, url: str) -> int:
        answer = await self.call("HEAD", url)
        assert answer.status_code == 200
        return int(answer.headers["upload-offset"])

    async def video(self, answer: httpx.Response) -> Video:
        """The video that the last answer names."""
        assert answer.status_code == 204, answer.text
        found: Video = await self.desk.videos.get(OWNER, answer.headers["clipzy-video-id"])
        return found


@pytest.fixture
def tus(facade: Facade, desk: Any) -> Tus:
    """Resumable uploads of this test, through the gateway."""
    client = Tus(facade, desk)
    client.limit(max_file_bytes=MAX_FILE_BYTES)
    return client

"""Gateways before an upstream that tells what reached it."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import httpx
import pytest
from google.api.httpbody_pb2 import HttpBody

from clipzy_server.transport.server import MAX_HEADERS_BYTES
from tests.gateways import Gateway, gateway


class Echo(grpc.GenericRpcHandler):
    """Answers every method with its name and the metadata that came; what names `job_hang` is never answered."""

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        method = handler_call_details.method

        async def answer(requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[HttpBody]:
            async for request in requests:
                if b"job_hang" in request:
                    await asyncio.get_running_loop().create_future()
            seen = {key: value for key, value in context.invocation_metadata() if isinstance(value, str)}
            body = json.dumps({"method": method, "metadata": seen}).encode()
            yield HttpBody(content_type="application/json", data=body)

        return grpc.stream_stream_rpc_method_handler(answer, None, HttpBody.SerializeToString)


@dataclass(frozen=True)
class Upstream:
    """A running echo, and where it listens."""

    address: str
    server: grpc.aio.Server


@asynccontextmanager
async def echoing() -> AsyncIterator[Upstream]:
    folder = Path(tempfile.mkdtemp(prefix="clipzy"))
    options = [("grpc.max_metadata_size", MAX_HEADERS_BYTES), ("grpc.absolute_max_metadata_size", MAX_HEADERS_BYTES)]
    server = grpc.aio.server(handlers=[Echo()], options=options)
    server.add_insecure_port(f"unix:{folder}/echo")
    await server.start()
    yield Upstream(f"unix:{folder}/echo", server)
    await server.stop(0)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
async def upstream() -> AsyncIterator[str]:
    """Where the upstream listens."""
    async with echoing() as running:
        yield running.address


@pytest.fixture
async def stoppable() -> AsyncIterator[Upstream]:
    """An upstream of a test's own."""
    async with echoing() as running:
        yield running


@pytest.fixture(scope="session")
async def edge(upstream: str) -> AsyncIterator[Gateway]:
    """A gateway as it comes."""
    async with gateway(upstream) as running:
        yield running


@pytest.fixture(scope="session")
async def http(edge: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of that gateway."""
    async with caller(edge) as client:
        yield client


def caller(edge: Gateway) -> httpx.AsyncClient:
    """A caller of a gateway, who waits for no proxy."""
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{edge.port}/api/v1", trust_env=False)


@pytest.fixture(scope="session")
def calling() -> Any:
    """`calling(gateway)` is a caller of it."""
    return caller


@pytest.fixture(scope="session")
def refused() -> Any:
    """`refused(answer, status, code)` fails unless the answer is exactly that refusal in the documented envelope."""

    def check(answer: httpx.Response, status: int, code: str) -> None:
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json"), answer.text
        body = answer.json()
        assert (set(body), set(body["error"])) == ({"success", "message", "error"}, {"code", "detail"})
        assert (body["success"], body["error"]["code"]) == (False, code)
        assert answer.headers["x-request-id"]

    return check

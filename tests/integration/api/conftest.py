"""A real gRPC server on a unix socket, its servicers on the real use cases, database and blobs."""

import asyncio
from contextlib import asynccontextmanager
from types import SimpleNamespace

import grpc.aio
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status as RpcStatus

from clipzy.v1 import (
    health_service_pb2_grpc,
    job_service_pb2_grpc,
    style_service_pb2_grpc,
    usage_service_pb2_grpc,
    video_service_pb2_grpc,
    webhook_service_pb2_grpc,
)
from clipzy.v1 import video_service_pb2 as uploads
from clipzy_client import AsyncClipzy, Patience
from clipzy_server.api.services import api_services
from clipzy_server.domain.owner import Scope
from clipzy_server.transport.identity import Identity
from clipzy_server.transport.server import build_server
from clipzy_server.usecases.health import Health
from clipzy_server.usecases.owners import Owners
from clipzy_server.usecases.quotas import Usages
from clipzy_server.usecases.rates import RequestRates
from clipzy_server.usecases.requests import Limits
from clipzy_server.usecases.tokens import Tokens
from clipzy_server.usecases.use_cases import UseCases
from clipzy_server.usecases.videos import Videos
from tests.integration.api.lines import Line

MAX_FILE_BYTES = 3_000_000


class NoticedVideos(Videos):
    """The real use cases; `begun` is set once an upload was taken up."""

    begun: asyncio.Event

    async def begin(self, owner, request, idempotency_key=None):
        sink = await super().begin(owner, request, idempotency_key)
        self.begun.set()
        return sink


@pytest.fixture
async def clipzy(desk, tmp_path):
    """Stubs of all services, the metadata of two owners, and the desk behind them."""
    desk.limits = Limits(max_file_bytes=MAX_FILE_BYTES, free_disk_reserve_bytes=0, quota_active_jobs=50)
    owners, tokens = Owners(desk.database), Tokens(desk.database)
    ada, bob = await tokens.create("ada"), await tokens.create("bob")
    reader = await tokens.create("ada", Scope.READ)
    videos = NoticedVideos(desk.database, desk.blobs, desk.probe, desk.limits)
    videos.begun = asyncio.Event()
    address = f"unix:{tmp_path}/grpc.sock"
    rates = RequestRates(100_000)
    cases = UseCases(
        health=Health(desk.database, desk.blobs, "1.2.3"),
        videos=videos,
        uploads=desk.uploads,
        jobs=desk.jobs,
        styles=desk.styles,
        usages=Usages(desk.database, rates, desk.limits),
        webhooks=desk.webhooks,
    )
    server = build_server(address, api_services(cases), Identity(owners, rates))
    await server.start()
    async with grpc.aio.insecure_channel(address) as channel:
        yield SimpleNamespace(
            address=address,
            channel=channel,
            server=server,
            upload_begun=videos.begun,
            health=health_service_pb2_grpc.HealthServiceStub(channel),
            videos=video_service_pb2_grpc.VideoServiceStub(channel),
            jobs=job_service_pb2_grpc.JobServiceStub(channel),
            styles=style_service_pb2_grpc.StyleServiceStub(channel),
            webhooks=webhook_service_pb2_grpc.WebhookServiceStub(channel),
            usages=usage_service_pb2_grpc.UsageServiceStub(channel),
            ada=(("authorization", f"Bearer {ada}"),),
            bob=(("authorization", f"Bearer {bob}"),),
            reader=(("authorization", f"Bearer {reader}"),),
            staging=tmp_path / "storage" / ".staging",
        )
    await server.stop(0)


@pytest.fixture
async def through(clipzy):
    """`async with through(line) as client`: Ada's client on a line; it tells its `server` and `token`."""
    token = clipzy.ada[0][1].removeprefix("Bearer ")

    @asynccontextmanager
    async def connected(line: Line, patience: Patience = Patience(first_pause_s=0.01)):  # noqa: B008 - it is frozen
        async def connect(reader, writer) -> None:
            await line.connect(reader, writer, clipzy.address.removeprefix("unix:"))

        async with await asyncio.start_server(connect, "127.0.0.1", 0) as relay:
            server = f"127.0.0.1:{relay.sockets[0].getsockname()[1]}"
            async with AsyncClipzy(server, token, patience=patience) as client:
                client.server, client.token = server, token
                yield client

    return connected


@pytest.fixture
def upload_parts():
    """The messages of an upload: `upload_parts(*chunks, **header)`."""

    def parts(*chunks, filename="a.mp4", **header):
        messages = [uploads.UploadVideoRequest(chunk=chunk) for chunk in chunks]
        return [
            uploads.UploadVideoRequest(header=uploads.UploadVideoHeader(filename=filename, **header)),
            *messages,
        ]

    return parts


@pytest.fixture
async def video(clipzy, upload_parts):
    """A video of Ada's."""
    return (await clipzy.videos.UploadVideo(iter(upload_parts(b"footage")), metadata=clipzy.ada)).video


@pytest.fixture
def refusal():
    """`await refusal(call)` → the ErrorInfo reason of the failure that the call ends with."""

    async def reason(call) -> str:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call
        trailers = dict(caught.value.trailing_metadata())
        (detail,) = RpcStatus.FromString(trailers["grpc-status-details-bin"]).details
        info = ErrorInfo()
        assert detail.Unpack(info)
        assert info.domain == "clipzy"
        return info.reason

    return reason

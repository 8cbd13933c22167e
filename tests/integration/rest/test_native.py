"""gRPC and gRPC-Web through the same port, untouched by what makes REST of calls."""

import base64

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

SERVING = health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVING)


@pytest.fixture
async def channel(facade):
    async with grpc.aio.insecure_channel(f"127.0.0.1:{facade.port}") as channel:
        yield channel


async def test_a_native_call_is_answered(channel):
    answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
    assert answer == SERVING


async def test_a_native_failure_keeps_grpcs_own_form(channel):
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service="nothing"))
    assert refusal.value.code() is grpc.StatusCode.NOT_FOUND


async def test_the_routes_own_calls_are_not_reachable(channel):
    call = channel.unary_unary("/clipzy.rest.v1.HealthService/CheckHealth")
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await call(b"")
    assert refusal.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_grpc_web_is_answered(facade):
    frame = b"\0\0\0\0\0"
    answer = await facade.http.post(
        f"http://127.0.0.1:{facade.port}/grpc.health.v1.Health/Check",
        content=base64.b64encode(frame),
        headers={"content-type": "application/grpc-web-text", "accept": "application/grpc-web-text"},
    )
    assert answer.status_code == 200
    message = SERVING.SerializeToString()
    assert base64.b64decode(answer.content[:12])[:7] == b"\0" + len(message).to_bytes(4, "big") + message

import asyncio

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from clipzy_server.transport.identity import Identity
from clipzy_server.transport.server import build_server


async def nobody_asks(request, context):
    raise AssertionError("not called")


async def test_health_needs_no_token(serving):
    async with serving(UnaryUnary=nobody_asks) as channel:
        answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_reflection_names_the_services_without_a_token(serving):
    async with serving(UnaryUnary=nobody_asks) as channel:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        asked = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
        (answer,) = [answer async for answer in stub.ServerReflectionInfo(asked)]
    names = {service.name for service in answer.list_services_response.service}
    assert {"test.Service", "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"} <= names


async def test_health_watchers_see_the_server_go(tmp_path):
    address = f"unix:{tmp_path}/grpc.sock"
    server = build_server(address, [], Identity(None))
    await server.start()
    async with grpc.aio.insecure_channel(address) as channel:
        watching = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        assert (await watching.read()).status == health_pb2.HealthCheckResponse.SERVING
        stopping = asyncio.create_task(server.stop(10))
        assert (await watching.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        watching.cancel()
        await stopping


async def test_a_free_port_is_found_and_told():
    server = build_server("127.0.0.1:0", [], Identity(None))
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
            answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    finally:
        await server.stop(0)


async def test_a_second_server_on_the_same_port_is_refused():
    first = build_server("127.0.0.1:0", [], Identity(None))
    try:
        with pytest.raises(RuntimeError):
            build_server(f"127.0.0.1:{first.port}", [], Identity(None))
    finally:
        await first.stop(0)

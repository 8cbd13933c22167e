import pytest

from clipzy.v1 import (
    health_service_pb2,
    job_service_pb2,
    scope_pb2,
    style_service_pb2,
    usage_service_pb2,
    video_service_pb2,
    webhook_service_pb2,
)
from clipzy_server.api.health_service import HealthService
from clipzy_server.api.services import api_services
from clipzy_server.domain.errors import ErrorCode, Unavailable
from clipzy_server.store import workers
from clipzy_server.store.database import Database
from clipzy_server.usecases.health import Health
from clipzy_server.usecases.use_cases import UseCases

FILES = (
    health_service_pb2,
    job_service_pb2,
    style_service_pb2,
    usage_service_pb2,
    video_service_pb2,
    webhook_service_pb2,
)
METHODS = [
    method
    for file in FILES
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods_by_name.values()
]
CLOSED = [method for method in METHODS if method.containing_service.name != "HealthService"]


def call(channel, method, metadata=()):
    """The call of any method with an empty request."""
    path = f"/{method.containing_service.full_name}/{method.name}"
    if method.client_streaming:
        return channel.stream_unary(path)(iter([b""]), metadata=metadata)
    if method.server_streaming:
        return channel.unary_stream(path)(b"", metadata=metadata).read()
    return channel.unary_unary(path)(b"", metadata=metadata)


def test_every_published_call_has_its_handler():
    services = {service.name: service.servicer for service in api_services(UseCases(*[None] * 7))}
    for method in METHODS:
        servicer = services[method.containing_service.full_name]
        assert method.name in vars(type(servicer)), method.full_name
    assert set(services) == {method.containing_service.full_name for method in METHODS}


async def test_nothing_is_served_without_a_token(clipzy, refusal):
    reasons = {method.full_name: await refusal(call(clipzy.channel, method)) for method in CLOSED}
    assert set(reasons.values()) == {"UNAUTHORIZED"}, reasons


async def test_a_token_that_only_reads_changes_nothing(clipzy, refusal):
    for method in CLOSED:
        made = call(clipzy.channel, method, clipzy.reader)
        if method.GetOptions().Extensions[scope_pb2.required_scope] == scope_pb2.SCOPE_WRITE:
            assert await refusal(made) == "FORBIDDEN", method.full_name
        elif not method.name.startswith("List") and method.name != "GetUsage":
            assert await refusal(made) == "MISSING_FIELD", method.full_name


async def test_an_empty_request_is_never_a_crash(clipzy, refusal):
    needing_nothing = {"ListVideos", "ListJobs", "ListStyles", "ListDeliveries", "GetUsage"}
    for method in CLOSED:
        made = call(clipzy.channel, method, clipzy.ada)
        if method.name in needing_nothing:
            assert isinstance(await made, bytes)
        else:
            assert await refusal(made) == "MISSING_FIELD", method.full_name


async def test_health_is_told_to_everybody(clipzy, desk):
    degraded = await clipzy.health.CheckHealth(health_service_pb2.CheckHealthRequest())
    assert (degraded.status, degraded.version) == (health_service_pb2.HEALTH_STATUS_DEGRADED, "1.2.3")
    assert dict(degraded.dependencies) == {"database": "ok", "storage": "ok", "workers": "none", "sandbox": "ok"}
    await workers.beat(desk.database, "worker-1", "1.2.3")
    fine = await clipzy.health.CheckHealth(health_service_pb2.CheckHealthRequest())
    assert fine.status == health_service_pb2.HEALTH_STATUS_OK


async def test_a_server_that_is_not_ready_says_what_is_missing(tmp_path, blobs):
    nowhere = Database(f"postgresql:///clipzy?host={tmp_path}")
    service = HealthService(Health(nowhere, blobs, "1.2.3"))
    with pytest.raises(Unavailable) as caught:
        await service.CheckHealth(health_service_pb2.CheckHealthRequest(), None)
    assert caught.value.code is ErrorCode.UNAVAILABLE
    assert "database: unavailable" in caught.value.detail
    await nowhere.close()

import grpc
import grpc.aio
import pytest

from clipzy.rest.v1 import rest_pb2
from clipzy.v1 import (
    health_service_pb2,
    job_service_pb2,
    style_service_pb2,
    usage_service_pb2,
    video_service_pb2,
    webhook_service_pb2,
)
from clipzy_server.domain.owner import Scope
from clipzy_server.transport.identity import Identity
from clipzy_server.transport.scopes import declared_scopes
from clipzy_server.transport.server import Service, build_server

FILES = (
    health_service_pb2,
    job_service_pb2,
    style_service_pb2,
    usage_service_pb2,
    video_service_pb2,
    webhook_service_pb2,
    rest_pb2,
)
SERVICES = [service.full_name for file in FILES for service in file.DESCRIPTOR.services_by_name.values()]
OPEN = ("CheckHealth", "GetOpenApi", "DescribeUploads")
READING = ("Get", "List", "Watch", "Download", "Diff")


def test_every_published_method_declares_the_scope_that_its_name_promises():
    for path, scope in declared_scopes(SERVICES).items():
        name = path.rpartition("/")[2]
        if name in OPEN or path.startswith("/grpc."):
            assert scope is None, path
        else:
            assert scope is (Scope.READ if name.startswith(READING) else Scope.WRITE), path


def test_a_method_without_a_declared_scope_cannot_be_served(tmp_path):
    silent = Service("test.Silent", None, lambda *_: None)
    with pytest.raises(LookupError, match=r"/test\.Silent/UnaryUnary"):
        build_server(f"unix:{tmp_path}/grpc.sock", [silent], Identity(None))


async def nobody_asks(request, context):
    raise AssertionError("not called")


async def answers(request, context):
    return b"done"


async def test_a_handler_that_no_proto_declares_is_not_served(serving, token):
    async with serving(Undeclared=nobody_asks) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_unary("/test.Service/Undeclared")(b"", metadata=token)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("scope", Scope)
async def test_a_token_goes_as_far_as_its_scope(serving, scope):
    metadata = (("authorization", f"Bearer ada-{scope}"),)
    async with serving(name="test.Writing", UnaryUnary=answers) as channel:
        call = channel.unary_unary("/test.Writing/UnaryUnary")(b"", metadata=metadata)
        if scope.includes(Scope.WRITE):
            assert await call == b"done"
            return
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call
    assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
    trailers = dict(caught.value.trailing_metadata())
    assert trailers["x-clipzy-http-status"] == "403"
    assert '"code": "FORBIDDEN"' in trailers["x-clipzy-error"]


async def test_with_authentication_off_everything_is_allowed(serving):
    async with serving(required=False, name="test.Writing", UnaryUnary=answers) as channel:
        assert await channel.unary_unary("/test.Writing/UnaryUnary")(b"") == b"done"

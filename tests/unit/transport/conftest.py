"""A real gRPC server on a unix socket with one method of each kind, given by the test."""

from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio
import pytest
from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from clipzy.v1 import scope_pb2
from clipzy_server.domain.errors import Unauthorized
from clipzy_server.domain.owner import Access, Owner, Scope
from clipzy_server.transport.identity import Identity
from clipzy_server.transport.server import Service, build_server
from clipzy_server.usecases.rates import RequestRates

ADA = Owner("own_ada", "ada")
NOBODY = Owner("own_nobody", "anonymous")
ACCESSES = {
    f"ada-{name.lower()}": Access(ADA, scope) for name, scope in {"token": Scope.WRITE, **Scope.__members__}.items()
}


class KnownTokens:
    """Stands in for the token table."""

    async def authenticate(self, token: str) -> Access:
        if token not in ACCESSES:
            raise Unauthorized
        return ACCESSES[token]

    async def anonymous(self) -> Access:
        return Access(NOBODY, Scope.ADMIN)


READ, WRITE, SILENT = "test.Service", "test.Writing", "test.Silent"
"""Services of the tests, by the scope that their methods declare."""

MAKERS = {
    "UnaryUnary": grpc.unary_unary_rpc_method_handler,
    "UnaryStream": grpc.unary_stream_rpc_method_handler,
    "StreamUnary": grpc.stream_unary_rpc_method_handler,
    "StreamStream": grpc.stream_stream_rpc_method_handler,
}


def _declare(names: dict[str, int | None]) -> None:
    """Make services with one method of each kind known to the pool that holds the real ones."""
    file = FileDescriptorProto(name="test.proto", package="test", dependency=[scope_pb2.DESCRIPTOR.name])
    empty = file.message_type.add(name="Nothing")
    for name, scope in names.items():
        service = file.service.add(name=name.partition(".")[2])
        for kind in MAKERS:
            method = service.method.add(name=kind, input_type=f".test.{empty.name}", output_type=f".test.{empty.name}")
            if scope is not None:
                method.options.Extensions[scope_pb2.required_scope] = scope
    descriptor_pool.Default().AddSerializedFile(file.SerializeToString())


_declare({READ: scope_pb2.SCOPE_READ, WRITE: scope_pb2.SCOPE_WRITE, SILENT: None})


@pytest.fixture
def serving(tmp_path):
    """`async with serving(UnaryUnary=behaviour, …) as channel`: bytes in, bytes out."""

    @asynccontextmanager
    async def serve(
        *, required: bool = True, debug: bool = False, name: str = READ, per_minute: int = 0, **behaviours: Any
    ):
        handlers = {
            kind: MAKERS.get(kind, grpc.unary_unary_rpc_method_handler)(behaviour)
            for kind, behaviour in behaviours.items()
        }
        service = Service(
            name,
            None,
            lambda _, server: server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, handlers),)),
        )
        address = f"unix:{tmp_path}/grpc.sock"
        identity = Identity(KnownTokens(), RequestRates(per_minute), required=required)
        server = build_server(address, [service], identity, debug=debug)
        await server.start()
        try:
            async with grpc.aio.insecure_channel(address) as channel:
                yield channel
        finally:
            await server.stop(0)

    return serve


@pytest.fixture
def token():
    """The metadata of a caller with a good token."""
    return (("authorization", "Bearer ada-token"),)

"""A real gRPC server on a unix socket with one method of each kind, given by the test."""

from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio
import pytest

from clipzy_server.domain.errors import Unauthorized
from clipzy_server.domain.owner import Owner
from clipzy_server.transport.identity import Identity
from clipzy_server.transport.server import Service, build_server

ADA = Owner("own_ada", "ada")
NOBODY = Owner("own_nobody", "anonymous")


class KnownTokens:
    """Stands in for the token table."""

    async def authenticate(self, token: str) -> Owner:
        if token != "ada-token":
            raise Unauthorized
        return ADA

    async def anonymous(self) -> Owner:
        return NOBODY


MAKERS = {
    "UnaryUnary": grpc.unary_unary_rpc_method_handler,
    "UnaryStream": grpc.unary_stream_rpc_method_handler,
    "StreamUnary": grpc.stream_unary_rpc_method_handler,
    "StreamStream": grpc.stream_stream_rpc_method_handler,
}


@pytest.fixture
def serving(tmp_path):
    """`async with serving(UnaryUnary=behaviour, …) as channel`: bytes in, bytes out."""

    @asynccontextmanager
    async def serve(*, required: bool = True, **behaviours: Any):
        handlers = {name: MAKERS[name](behaviour) for name, behaviour in behaviours.items()}
        service = Service(
            "test.Service",
            None,
            lambda _, server: server.add_generic_rpc_handlers(
                (grpc.method_handlers_generic_handler("test.Service", handlers),)
            ),
        )
        address = f"unix:{tmp_path}/grpc.sock"
        server = build_server(address, [service], Identity(KnownTokens(), required=required))
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

"""The gRPC server: one address, its services, health and reflection."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health_aio  # type: ignore[attr-defined] # missing in the stubs
from grpc_reflection.v1alpha import reflection

from clipzy_server.domain.trace import Tracer
from clipzy_server.transport.identity import Identity
from clipzy_server.transport.interceptor import CallInterceptor
from clipzy_server.transport.scopes import OPEN_SERVICES, declared_scopes

# Envoy and clients send at most 1 MiB of a stream at once; a JSON body is at most 2 MiB.
MAX_MESSAGE_BYTES = 4 * 1024 * 1024
# The gateway lets 32 KiB of a caller's headers through; in HTTP/2 each counts 32 bytes more.
MAX_HEADERS_BYTES = 64 * 1024

_OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_metadata_size", MAX_HEADERS_BYTES),
    ("grpc.absolute_max_metadata_size", MAX_HEADERS_BYTES),
    ("grpc.max_send_message_length", 16 * 1024 * 1024),
    # A second server on the same port must fail instead of silently taking half of the calls.
    ("grpc.so_reuseport", 0),
    # Peers that went away without a word are noticed within 40 s; peers may ask whether we live every 10 s.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
)


@dataclass(frozen=True, slots=True)
class Service:
    """A servicer, its full name (`clipzy.v1.JobService`), and the generated function that registers it."""

    name: str
    servicer: object
    register: Callable[[Any, Any], None]


class Server:
    """A gRPC server bound to its address. `port` is 0 on a unix socket."""

    def __init__(self, server: grpc.aio.Server, health: health_aio.HealthServicer, port: int) -> None:
        self._server = server
        self._health = health
        self.port = port

    async def start(self) -> None:
        """Takes calls from here on and says so to health checks."""
        await self._server.start()
        await self._health.set("", health_pb2.HealthCheckResponse.SERVING)

    async def stop(self, grace_s: float) -> None:
        """Tells health checks, takes no new calls, gives those running `grace_s` seconds, then cancels them."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace_s)

    async def wait(self) -> None:
        """Returns once the server has stopped."""
        await self._server.wait_for_termination()


def build_server(
    address: str,
    services: Iterable[Service],
    identity: Identity,
    tracer: Tracer | None = None,
    *,
    debug: bool = False,
) -> Server:
    """A server of `services` on `unix:/path` or `host:port` (port 0: a free one), not started yet.

    Raises RuntimeError when the address cannot be bound, LookupError when a method declares no scope.
    """
    services = tuple(services)
    names = [service.name for service in services]
    server = grpc.aio.server(
        interceptors=[CallInterceptor(identity, declared_scopes(names), tracer, debug=debug)], options=_OPTIONS
    )
    for service in services:
        service.register(service.servicer, server)
    health = health_aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(health, server)
    names += OPEN_SERVICES
    reflection.enable_server_reflection(names, server)
    port = server.add_insecure_port(address)
    return Server(server, health, 0 if address.startswith("unix:") else port)

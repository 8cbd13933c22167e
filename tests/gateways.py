"""The real Envoy for tests, on the rendered configuration, before whatever listens at `upstream`."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from clipzy_server.app.gateway import (
    GatewaySettings,
    Listen,
    gateway_command,
    is_ready,
    listening_port,
    render_gateway_config,
)

Change = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Gateway:
    """A running gateway: its public port, where its administration answers, and where it logs what was asked."""

    port: int
    admin_socket: Path
    access_log: Path

    async def raw(self, request: bytes) -> bytes:
        """Sends bytes as they stand and reads until the gateway closes the line."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request)
            await writer.drain()
            return await reader.read()
        finally:
            writer.close()


@asynccontextmanager
async def gateway(upstream: str, change: Change | None = None, **settings: Any) -> AsyncIterator[Gateway]:
    """A gateway on a free port. `change` edits the rendered configuration where its limits are too wide for a test."""
    folder = Path(tempfile.mkdtemp(prefix="clipzy"))
    edge = GatewaySettings(
        upstream=upstream,
        admin_socket=folder / "admin",
        listen=Listen("127.0.0.1", 0),
        access_log=folder / "access.log",
        **settings,
    )
    config = yaml.load(render_gateway_config(edge), yaml.CSafeLoader)
    if change is not None:
        change(config)
    path = folder / "envoy.json"
    path.write_text(json.dumps(config))
    log = (folder / "envoy.log").open("wb")
    process = await asyncio.create_subprocess_exec(*gateway_command(path, threads=1), stdout=log, stderr=log)
    try:
        while not await is_ready(edge.admin_socket):
            assert process.returncode is None, (folder / "envoy.log").read_text()
            await asyncio.sleep(0.01)
        yield Gateway(await listening_port(edge.admin_socket), edge.admin_socket, edge.access_log)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        log.close()
        shutil.rmtree(folder)

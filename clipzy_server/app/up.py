"""`clipzy up`: embedded PostgreSQL, server, workers and gateway on one machine, as one command."""

import asyncio
import http.client
import json
import logging
import os
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from clipzy_server.app.folder import DataFolder
from clipzy_server.app.gateway import (
    Listen,
    end_gateways,
    gateway_command,
    gateway_settings,
    is_ready,
    listening_port,
    render_gateway_config,
)
from clipzy_server.app.postgres import EmbeddedPostgres
from clipzy_server.app.preflight import check_port, make_data_folder
from clipzy_server.app.prepared import is_prepared, mark_of
from clipzy_server.app.settings import TOLD, Settings
from clipzy_server.app.stopping import stop_signal
from clipzy_server.app.supervisor import Program, Supervisor
from clipzy_server.app.waking import Waker
from clipzy_server.media.spare_memory import settle

STOP_GRACE_S = 4.0
"""With the database's own time to stop this stays below the ten seconds that `clipzy up` may take."""

READY_POLL_S = 0.05

_log = logging.getLogger("clipzy.up")


async def up(settings: Settings, listen: Listen, workers: int) -> None:
    """Run everything until SIGTERM; prints `ready http://127.0.0.1:PORT` when a request would succeed.

    With a certificate it is `https`.
    """
    folder = DataFolder(settings.data_dir.absolute())
    make_data_folder(folder.root)
    folder.prepare()
    with folder.sole_use():
        # One of before may stand still, and hold the port.
        end_gateways(_gateway_config(folder))
        await check_port(listen)
        async with stop_signal() as stopped:
            await _run(settings, folder, _Plan(listen, workers, stopped, settings.tls_cert is not None))


@dataclass(frozen=True, slots=True)
class _Plan:
    listen: Listen
    workers: int
    stopped: asyncio.Event
    with_tls: bool


async def _run(settings: Settings, folder: DataFolder, plan: _Plan) -> None:
    supervisor = Supervisor()
    # The programs load while the database still starts.
    where: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    programs = _programs(settings, folder, where, plan)
    for program in programs:
        supervisor.keep(program)
    is_new = settings.database_url is None and not folder.postgres.exists()
    preparing = await _start_preparing(settings, folder) if is_new else None
    async with _database(settings, folder) as url:
        beside: list[asyncio.Task[None]] = []
        try:
            if not await is_prepared(url, mark_of(folder.first_token())):
                await _prepare(preparing or await _start_preparing(settings, folder), url)
            where.set_result(url)
            beside.append(asyncio.create_task(_announce(folder.runtime / "gateway-admin.sock", plan)))
            beside.append(asyncio.create_task(Waker(settings.wake_seconds).run()))
            await plan.stopped.wait()
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await supervisor.stop([program.name for program in programs], STOP_GRACE_S)


@asynccontextmanager
async def _database(settings: Settings, folder: DataFolder) -> AsyncIterator[str]:
    if settings.database_url is not None:
        yield settings.database_url
        return
    async with EmbeddedPostgres(folder.postgres, folder.runtime) as postgres:
        yield postgres.url


async def _start_preparing(settings: Settings, folder: DataFolder) -> asyncio.subprocess.Process:
    """A process that makes or upgrades the tables once it is told where they are, and goes when it is done."""
    command = [sys.executable, "-P", "-m", "clipzy_server.app.prepare"]
    environment = {**os.environ, **_environment(settings, folder)}
    return await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE, env=environment)


async def _prepare(preparing: asyncio.subprocess.Process, url: str) -> None:
    """Have the tables made or upgraded. Raises SystemExit where it failed."""
    await preparing.communicate(url.encode())
    if preparing.returncode:
        raise SystemExit("The database could not be prepared.")


def _environment(settings: Settings, folder: DataFolder) -> dict[str, str]:
    return {
        "CLIPZY_DATA_DIR": str(folder.root),
        "CLIPZY_LOCAL_STORAGE_PATH": str(settings.storage_folder),
        "CLIPZY_DATABASE_URL": TOLD,
    }


def _programs(settings: Settings, folder: DataFolder, where: asyncio.Future[str], plan: _Plan) -> list[Program]:
    server_socket = folder.runtime / "serve.sock"
    environment = _environment(settings, folder)
    config = _gateway_config(folder)
    gateway = gateway_settings(settings, f"unix:{server_socket}", folder.runtime, plan.listen)
    config.write_text(render_gateway_config(gateway))
    # Named as people would start them: so a list of processes tells servers from workers.
    clipzy = [sys.executable, "-P", str(Path(sys.executable).with_name("clipzy"))]
    listening = [*clipzy, "serve", "--listen", f"unix:{server_socket}"]
    serve = Program("serve", listening, folder.logs / "serve.log", environment, where)
    work = [
        Program(
            name, [*clipzy, "work"], folder.logs / f"{name}.log", {**environment, "CLIPZY_WORKER_NAME": name}, where
        )
        for name in (f"work-{number}" for number in range(1, plan.workers + 1))
    ]
    threads = min(4, len(os.sched_getaffinity(0)))
    edge = Program("gateway", gateway_command(config, threads=threads), folder.logs / "gateway.log")
    return [serve, edge, *work]


def _gateway_config(folder: DataFolder) -> Path:
    return folder.runtime / "envoy.yaml"


async def _announce(admin_socket: Path, plan: _Plan) -> None:
    """Say so once a request succeeds."""
    port = None
    while port is None or not await asyncio.to_thread(_is_healthy, port, plan):
        await asyncio.sleep(READY_POLL_S)
        port = await listening_port(admin_socket) if await is_ready(admin_socket) else None
    sys.stdout.write(f"ready {'https' if plan.with_tls else 'http'}://127.0.0.1:{port}\n")
    sys.stdout.flush()
    settle()


def _is_healthy(port: int, plan: _Plan) -> bool:
    connection = _connection(port, with_tls=plan.with_tls)
    try:
        connection.request("GET", "/api/v1/health")
        answer = connection.getresponse()
        if answer.status != http.HTTPStatus.OK:
            return False
        dependencies = json.load(answer)["data"]["dependencies"]
        return plan.workers == 0 or dependencies["workers"] == "ok"
    except (OSError, ValueError, http.client.HTTPException) as error:
        _log.debug("not ready: %r", error)
        return False
    finally:
        connection.close()


def _connection(port: int, *, with_tls: bool) -> http.client.HTTPConnection:
    if not with_tls:
        return http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    # The certificate is for the public name; what is asked here is our own child.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=5, context=context)

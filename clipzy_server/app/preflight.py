"""What would stop `clipzy up` later, said before it begins, with the remedy."""

import asyncio
import errno
import shutil
import socket
from pathlib import Path

from clipzy_server.app.gateway import Listen
from clipzy_server.app.settings import MIB

FIRST_START_MB = 256
"""Room that the first start and a small video need: database, its log, one upload."""

PORT_PATIENCE_S = 5.0
"""After a crash the gateway of before may hold the port for a moment longer than its supervisor lived."""

_POLL_S = 0.1


async def check_port(listen: Listen, patience_s: float = PORT_PATIENCE_S) -> None:
    """Raises SystemExit where the gateway could not listen."""
    # The gateway shares its port among its threads, and so would share it with a stranger: it must be asked here.
    ends_s = asyncio.get_running_loop().time() + patience_s
    while (problem := await asyncio.to_thread(_refusal, listen)) is not None:
        if problem.errno != errno.EADDRINUSE or asyncio.get_running_loop().time() >= ends_s:
            raise SystemExit(_port_words(listen, problem))
        await asyncio.sleep(_POLL_S)


def _refusal(listen: Listen) -> OSError | None:
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(listen.address, listen.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
            probe.listen()
    except OSError as error:
        return error
    return None


def _port_words(listen: Listen, problem: OSError) -> str:
    if problem.errno == errno.EADDRINUSE:
        return (
            f"Port {listen.port} of {listen.address} is taken by another program. "
            f"Choose another with --port, or see who it is: ss -ltnp 'sport = :{listen.port}'"
        )
    if problem.errno == errno.EACCES:
        return f"Port {listen.port} may not be used by this user: choose one above 1023 with --port."
    return (
        f"Nothing can listen on {listen.address}: {problem.strerror}. Choose an address of this machine with --address."
    )


def make_data_folder(root: Path) -> None:
    """Makes the folder of everything. Raises SystemExit where it can't, or where a first start has no room."""
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SystemExit(f"{root} cannot be made: {error.strerror}. Choose another folder with --data-dir.") from error
    free_mb = shutil.disk_usage(root).free // MIB
    # An installation that exists is started all the same: what it has can still be read.
    if not (root / "postgres").exists() and free_mb < FIRST_START_MB:
        raise SystemExit(
            f"Only {free_mb} MiB are free on the disk of {root}; the first start needs {FIRST_START_MB} MiB. "
            "Free some, or choose another folder with --data-dir."
        )

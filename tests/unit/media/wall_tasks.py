"""Tasks that try to get out of a box. Each tells what it reached."""

import contextlib
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av

from clipzy_server.media import confinement, landlock, syscalls

Report = Callable[[float], None]


def reach(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Everything that a hostile decoder would try."""
    return {"reached": _reached(payload)}


def reach_behind_one_wall(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """The same in an open box with a single wall."""
    own = (*confinement._SYSTEM, *confinement._own_code())
    walls: dict[str, Callable[[], bool]] = {
        "namespace": confinement.leave_network,
        "landlock": lambda: landlock.see_only(own, ["/dev/null"]),
        "calls": syscalls.forbid_calls,
    }
    return {"stood": walls[payload["wall"]](), "reached": _reached(payload)}


def _reached(payload: dict[str, Any]) -> list[str]:
    attempts: dict[str, Callable[[], object]] = {
        "read": lambda: Path(payload["secret"]).read_text(),
        "list": lambda: list(Path(payload["secret"]).parent.iterdir()),
        "write": lambda: Path(payload["secret"]).with_name("written").write_text("x"),
        "passwd": lambda: Path("/etc/passwd").read_text(),
        "owner's environment": lambda: Path(f"/proc/{payload['owner']}/environ").read_bytes(),
        "tcp": lambda: socket.create_connection(("127.0.0.1", payload["port"]), timeout=2).close(),
        "unix socket": lambda: _dial(payload["socket"]),
        "signal": lambda: os.kill(payload["owner"], 0),
        "stop template": lambda: os.kill(os.getppid(), signal.SIGCONT),
    }
    return [name for name, attempt in attempts.items() if _succeeds(attempt)]


def _succeeds(attempt: Callable[[], object]) -> bool:
    with contextlib.suppress(OSError):
        attempt()
        return True
    return False


def _dial(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(path)


def play(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Open a file as FFmpeg guesses, with every protocol allowed: what it shows."""
    options = {
        "safe": "0",
        "protocol_whitelist": "file,http,tcp,crypto,data",
        "allowed_extensions": "ALL",
        "extension_picky": "0",
    }
    options |= {"enable_drefs": "1", "use_absolute_path": "1"}
    try:
        with av.open(payload["path"], options=options) as container:
            return {"frames": sum(1 for _ in container.decode(video=0))}
    except (av.FFmpegError, IndexError) as error:
        return {"frames": 0, "error": type(error).__name__}


def environment(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    return dict(os.environ)

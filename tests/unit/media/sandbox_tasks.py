"""Tasks that the sandbox tests run in children."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clipzy_server.domain.errors import ErrorCode, Exhausted, Invalid, Unauthorized

Report = Callable[[float], None]


def double(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    report(0.5)
    return {"value": payload["value"] * 2, "pid": os.getpid(), "session": os.getsid(0)}


def refuse(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    raise Invalid(ErrorCode.CORRUPT_VIDEO, "The file is damaged.", "moov atom missing")


def refuse_identity(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    raise Unauthorized


def refuse_rate(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    raise Exhausted(ErrorCode.RATE_LIMITED, "Too fast.", None, retry_after_s=7.5)


def blunder(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    raise KeyError("secret")


def kill_itself(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    os.kill(os.getpid(), payload["signal"])
    return {}


def wait_with_grandchild(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    Path(payload["pids"]).write_text(f"{os.getpid()} {child.pid}\n")
    report(1.0)
    signal.pause()
    return {}


def spin(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    while True:
        pass


def pause(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    signal.pause()
    return {}


def allocate(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    return {"length": len(bytearray(payload["bytes"]))}


def dial(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    try:
        with socket.create_connection(("127.0.0.1", payload["port"]), timeout=2):
            return {"connected": True}
    except OSError:
        return {"connected": False}


def die_once(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Kill the template the first time, succeed the second."""
    marker = Path(payload["marker"])
    if marker.exists():
        return {"tries": 2}
    marker.touch()
    os.kill(os.getppid(), signal.SIGKILL)
    signal.pause()
    return {}

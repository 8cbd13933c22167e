"""Tasks that the sandbox tests run in children."""

import os
import signal
import subprocess
import sys
import time
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


def fill_disk_and_log(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """As on a disk that has no room for the log either."""
    os.dup2(os.open("/dev/full", os.O_WRONLY), sys.stderr.fileno())
    Path("/dev/full").write_bytes(b"no room")
    return {}


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


def get_on(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    for step in range(payload["steps"]):
        time.sleep(payload["step_s"])
        report(step / payload["steps"])
    return {"steps": payload["steps"]}


def stop_itself(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    os.kill(os.getpid(), signal.SIGSTOP)
    return {}


def stop_template(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    os.kill(os.getppid(), signal.SIGSTOP)
    signal.pause()
    return {}


def write(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    Path(payload["path"]).write_bytes(bytes(payload["bytes"]))
    return {}


def die_once(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Kill the template the first time, succeed the second."""
    marker = Path(payload["marker"])
    if marker.exists():
        return {"tries": 2}
    marker.touch()
    os.kill(os.getppid(), signal.SIGKILL)
    signal.pause()
    return {}


def fill_the_disk(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    with Path("/dev/full").open("wb", buffering=0) as disk:
        disk.write(b"x")
    return {}

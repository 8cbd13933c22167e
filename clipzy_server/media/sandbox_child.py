"""The inside of a box: what a freshly forked child does before and while it runs one task."""

import ctypes
import errno
import importlib
import json
import os
import resource
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any, NoReturn, cast

from clipzy_server.domain.errors import ClipzyError, ErrorCode

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
REPORT_INTERVAL_S = 0.05
"""Progress is sent at most this often; a kernel may call `report` once a frame."""

_libc = ctypes.CDLL(None, use_errno=True)

Task = Callable[[dict[str, Any], Callable[[float], None]], dict[str, Any]]


def die_with_parent(parent_pid: int) -> None:
    """Have the kernel send SIGKILL when the parent dies; end at once if it already has."""
    if _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent_pid:
        os._exit(1)


def run_boxed(channel: socket.socket, template_pid: int) -> NoReturn:
    """Box this process in, run the one task that the channel names, answer, exit. Never returns to the template."""
    status = 1
    try:
        os.setsid()
        die_with_parent(template_pid)
        with channel.makefile("rb") as incoming:
            request = json.loads(incoming.readline())
        blocked = _box(request["limits"])
        _send(channel, {"begun": {"network_blocked": blocked}})
        _send(channel, _answer(channel, request))
        status = 0
    except BaseException:  # noqa: BLE001 - whatever it is, it must not unwind into the template's loop
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _answer(channel: socket.socket, request: dict[str, Any]) -> dict[str, Any]:
    try:
        module_name, function_name = request["function"].split(":")
        task = cast(Task, getattr(importlib.import_module(module_name), function_name))
        return {"result": task(request["payload"], _reporter(channel))}
    except ClipzyError as error:
        return {"error": {"kind": type(error).__name__, **vars(error)}}
    except MemoryError:
        traceback.print_exc()
        message = "The task needs more memory than it may use."
        return {"error": {"kind": "StageFailed", "code": ErrorCode.OUT_OF_MEMORY, "message": message}}
    except Exception as error:  # noqa: BLE001 - the trace goes to the log, the caller learns the kind only
        traceback.print_exc()
        detail = f"{type(error).__name__} in {request['function']}"
        message = "The task ended with an unexpected error."
        return {
            "error": {
                "kind": "StageFailed",
                "code": ErrorCode.INTERNAL_ERROR,
                "message": message,
                "detail": detail,
            }
        }


def _reporter(channel: socket.socket) -> Callable[[float], None]:
    last_sent_s = 0.0

    def report(share: float) -> None:
        nonlocal last_sent_s
        now_s = time.monotonic()
        if share >= 1.0 or now_s - last_sent_s >= REPORT_INTERVAL_S:
            last_sent_s = now_s
            _send(channel, {"progress": float(share)})

    return report


def _send(channel: socket.socket, message: dict[str, Any]) -> None:
    channel.sendall(json.dumps(message).encode() + b"\n")


def _box(limits: dict[str, Any]) -> bool:
    """Apply the limits; True when the network is out of reach."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_NOFILE, limits["open_files"])
    if limits["address_space_bytes"] is not None:
        _lower(resource.RLIMIT_AS, limits["address_space_bytes"])
    if limits["cpu_s"] is not None:
        # Reaching the soft limit sends SIGXCPU, which tells the cause; the hard one would send SIGKILL.
        _lower(resource.RLIMIT_CPU, limits["cpu_s"], limits["cpu_s"] + 1)
    _prefer_as_memory_victim()
    return _leave_network()


def _lower(kind: int, soft: int, hard: int | None = None) -> None:
    _, present = resource.getrlimit(kind)
    ceiling = present if present != resource.RLIM_INFINITY else sys.maxsize
    wanted = soft if hard is None else hard
    resource.setrlimit(kind, (min(soft, ceiling), min(wanted, ceiling)))


def _prefer_as_memory_victim() -> None:
    """When the machine runs out of memory the kernel shall take a task, not the database."""
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:  # noqa: PTH123 - no pathlib in a fresh fork
        score.write("500")


def _leave_network() -> bool:
    """Move into an empty network namespace; False where this kernel or this user may not."""
    if _libc.unshare(CLONE_NEWNET) == 0:
        return True
    user_id, group_id = os.getuid(), os.getgid()
    if _libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        code = ctypes.get_errno()
        if code in (errno.EPERM, errno.ENOSYS, errno.EINVAL, errno.ENOSPC, errno.EUSERS):
            return False
        raise OSError(code, "unshare")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user_id} {user_id} 1"),
        ("gid_map", f"{group_id} {group_id} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as control:  # noqa: PTH123
            control.write(text)
    return True

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
from contextlib import suppress
from typing import Any, NoReturn, cast

from clipzy_server.domain.errors import ClipzyError, ErrorCode, StageFailed
from clipzy_server.media.confinement import BoxMode, View, close_box
from clipzy_server.media.file_rules import FileRules, set_file_rules
from clipzy_server.media.sandbox_limits import Limits

PR_SET_PDEATHSIG = 1
REPORT_INTERVAL_S = 0.2
"""Progress is sent at most this often, as it is written twice a second; a kernel may call `report` once a frame."""

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
        _send(channel, {"begun": os.getpid()})
        _send(channel, _answer(channel, request))
        status = 0
    except BaseException:  # noqa: BLE001 - whatever it is, it must not unwind into the template's loop
        _log_trace()
    finally:
        os._exit(status)


def _answer(channel: socket.socket, request: dict[str, Any]) -> dict[str, Any]:
    try:
        policy = request["policy"]
        set_file_rules(FileRules(**policy["rules"]))
        _box(Limits(**request["limits"]), BoxMode(policy["mode"]), View(**request["view"]))
        module_name, function_name = request["function"].split(":")
        task = cast(Task, getattr(importlib.import_module(module_name), function_name))
        return {"result": task(request["payload"], _reporter(channel))}
    except ClipzyError as error:
        return {"error": {"kind": type(error).__name__, **vars(error)}}
    except MemoryError:
        _log_trace()
        message = "The task needs more memory than it may use."
        return {"error": {"kind": "StageFailed", "code": ErrorCode.OUT_OF_MEMORY, "message": message}}
    except Exception as error:  # noqa: BLE001 - the trace goes to the log, the caller learns the kind only
        _log_trace()
        return {"error": _unexpected(error, request["function"])}


def _log_trace() -> None:
    """Where the log's disk is full it is lost, and not the answer."""
    with suppress(OSError):
        traceback.print_exc()
        sys.stderr.flush()


def _unexpected(error: Exception, function: str) -> dict[str, Any]:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        message = "There is no room left for what the task makes."
        return {"kind": "Unavailable", "code": ErrorCode.INSUFFICIENT_STORAGE, "message": message}
    message, detail = "The task ended with an unexpected error.", f"{type(error).__name__} in {function}"
    return {"kind": "StageFailed", "code": ErrorCode.INTERNAL_ERROR, "message": message, "detail": detail}


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


def _box(limits: Limits, mode: BoxMode, view: View) -> None:
    """Apply the limits and close the box. Raises StageFailed when it must be closed and can't be."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_NOFILE, limits.open_files)
    if limits.address_space_bytes is not None:
        _lower(resource.RLIMIT_AS, limits.address_space_bytes)
    if limits.memory_bytes is not None:
        _lower(resource.RLIMIT_DATA, limits.memory_bytes)
    if limits.file_bytes is not None:
        # Python ignores the signal, so that writing on is an OSError.
        _lower(resource.RLIMIT_FSIZE, limits.file_bytes)
    if limits.cpu_s is not None:
        # Reaching the soft limit sends SIGXCPU, which tells the cause; the hard one would send SIGKILL.
        _lower(resource.RLIMIT_CPU, limits.cpu_s, limits.cpu_s + 1)
    _prefer_as_memory_victim()
    if not close_box(mode, view) and mode is BoxMode.REQUIRED:
        raise StageFailed(ErrorCode.INTERNAL_ERROR, "The sandbox does not close.", "no Landlock or no call filter")


def _lower(kind: int, soft: int, hard: int | None = None) -> None:
    _, present = resource.getrlimit(kind)
    ceiling = present if present != resource.RLIM_INFINITY else sys.maxsize
    wanted = soft if hard is None else hard
    resource.setrlimit(kind, (min(soft, ceiling), min(wanted, ceiling)))


def _prefer_as_memory_victim() -> None:
    """When the machine runs out of memory the kernel shall take a task, not the database."""
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:  # noqa: PTH123 - no pathlib in a fresh fork
        score.write("500")

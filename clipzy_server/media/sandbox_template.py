"""The warm template: everything heavy is imported once here, and every task starts as a fork of it.

Run as `python sandbox_template.py CONTROL_FD PARENT_PID`. Over the control socket (one JSON message a packet) come
`{"preload": [module…]}` first, then `{"spawn": task}` with the child's end of a socket pair, and `{"kill": task}`; back
go `{"ready": …}` once and `{"ended": task, "status": …}` for every child, `status` as `os.waitpid` gives it.

The process stays single-threaded, so a fork holds no lock of another thread. A child is reaped only here, and only
after its whole process group was killed: until then its pid can't be used again, so no signal can hit a stranger.
"""

import gc
import importlib
import json
import logging
import os
import selectors
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clipzy_server.media.denormals import flush_denormals
from clipzy_server.media.loading import load_without_collecting, without, without_parts
from clipzy_server.media.sandbox_child import die_with_parent, run_boxed
from clipzy_server.media.spare_memory import give_back_freed, let_go_of_spare_memory

MESSAGE_BYTES = 4096
_RESTS_AFTER_S = 1.0
_UNUSED = ("cffi", "charset_normalizer", "coverage", "yaml")
"""Numba and NumPy import them where they are installed, for what no stage does: 7 MB in every child."""

_log = logging.getLogger("clipzy.sandbox")


@dataclass(frozen=True, slots=True)
class _Child:
    task: str
    pid: int
    pidfd: int


class _Template:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[str, _Child] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)

    def serve(self) -> None:
        """Fork, kill and reap until the owner closes the control socket."""
        self._tell({"ready": os.getpid()})
        has_rested = False
        while True:
            events = self._selector.select(None if has_rested else _RESTS_AFTER_S)
            if not events:
                # The children do not inherit them either, and use few of them.
                let_go_of_spare_memory()
                has_rested = True
            for key, _ in events:
                if isinstance(key.data, _Child):
                    self._reap(key.data)
                elif not self._obey():
                    return

    def _obey(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self._control, MESSAGE_BYTES, 1)
        if not message:
            return False
        order = json.loads(message)
        if "spawn" in order:
            self._spawn(order["spawn"], socket.socket(fileno=descriptors[0]))
        elif order["kill"] in self._children:
            _kill_group(self._children[order["kill"]].pid)
        return True

    def _spawn(self, task: str, channel: socket.socket) -> None:
        template_pid = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._control.close()
            self._selector.close()
            run_boxed(channel, template_pid)
        channel.close()
        child = _Child(task, pid, os.pidfd_open(pid))
        self._children[task] = child
        self._selector.register(child.pidfd, selectors.EVENT_READ, child)

    def _reap(self, child: _Child) -> None:
        _kill_group(child.pid)
        _, status = os.waitpid(child.pid, 0)
        self._selector.unregister(child.pidfd)
        os.close(child.pidfd)
        del self._children[child.task]
        self._tell({"ended": child.task, "status": status})

    def _tell(self, message: dict[str, Any]) -> None:
        self._control.sendall(json.dumps(message).encode())


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        # Between fork and setsid the child is alone and leads no group yet.
        os.kill(pid, signal.SIGKILL)


def main() -> None:
    """Import the modules named, check that no thread runs, serve; the children flush denormal numbers."""
    control_fd, parent_pid = int(sys.argv[1]), int(sys.argv[2])
    die_with_parent(parent_pid)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=control_fd)
    control.setblocking(True)
    load_without_collecting()
    # SciPy takes over every name that NumPy has, and so these: 2 MB.
    without_parts("numpy", ("f2py", "testing"))
    with without(_UNUSED):
        for module in json.loads(control.recv(MESSAGE_BYTES))["preload"]:
            importlib.import_module(module)
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads > 1:
        _log.warning("%d threads run in the template: a module started them at import", threads)
    gc.collect()
    give_back_freed()
    gc.freeze()
    gc.enable()
    flush_denormals()
    _Template(control).serve()


if __name__ == "__main__":
    main()

"""Wakes the processes below this one that somebody stopped: a stopped program is neither dead nor of any use."""

import asyncio
import logging
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass

LOOK_EVERY_S = 2.0
_STOPPED = b"T"
"""By a signal; a process that a debugger holds is in state `t`, and left alone."""

_log = logging.getLogger("clipzy.supervisor")


@dataclass(frozen=True, slots=True)
class _Process:
    pid: int
    parent: int
    state: bytes


class Waker:
    """Sends SIGCONT to every descendant of this process that has been stopped for `after_s` seconds."""

    def __init__(self, after_s: float) -> None:
        self._after_s = after_s
        self._stopped_since_s: dict[int, float] = {}

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(min(LOOK_EVERY_S, self._after_s))
            self.look(time.monotonic())

    def look(self, now_s: float) -> list[int]:
        """Wake who has slept too long at this moment (s, of a clock that only runs); gives their process ids."""
        stopped = _stopped_below(os.getpid())
        self._stopped_since_s = {pid: self._stopped_since_s.get(pid, now_s) for pid in stopped}
        woken = [pid for pid, since_s in self._stopped_since_s.items() if now_s - since_s >= self._after_s]
        for pid in woken:
            _log.error("process %d was stopped, waking it", pid)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        return woken


def _stopped_below(ancestor: int) -> list[int]:
    processes = {process.pid: process for process in _all()}
    return [
        process.pid
        for process in processes.values()
        if process.state == _STOPPED and _descends(process.pid, ancestor, processes)
    ]


def _descends(pid: int, ancestor: int, processes: dict[int, _Process]) -> bool:
    while pid in processes and pid != ancestor:
        pid = processes[pid].parent
    return pid == ancestor


def _all() -> list[_Process]:
    found = []
    # Paths as texts: this is asked for ever, of every process of the machine.
    for pid in filter(str.isdecimal, os.listdir("/proc")):  # noqa: PTH208
        with suppress(FileNotFoundError, ProcessLookupError), open(f"/proc/{pid}/stat", "rb", 0) as stat:  # noqa: PTH123
            state, parent = stat.read(4096).rpartition(b")")[2].split(maxsplit=2)[:2]
            found.append(_Process(int(pid), int(parent), state))
    return found

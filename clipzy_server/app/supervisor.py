"""Runs programs and starts again those that die."""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
STEADY_AFTER_S = 10.0
"""A program that ran this long is healthy: its next death costs the first pause again."""

LOG_TURN_BYTES = 64 * 1024 * 1024

_log = logging.getLogger("clipzy.supervisor")
_TETHER = str(Path(__file__).with_name("tether.py"))


@dataclass(frozen=True, slots=True)
class Program:
    """A program to keep running. Its output goes to `log`; `environment` is added to ours.

    Its standard input is one line: what it is to be `told`, as soon as that is known.
    """

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    told: asyncio.Future[str] | None = None


class Supervisor:
    """Keeps programs running between `keep` and `stop`. They die with this process, whatever ends it."""

    def __init__(self) -> None:
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._processes: dict[str, asyncio.subprocess.Process] = {}

    def keep(self, program: Program) -> None:
        """Start the program and start it again whenever it ends."""
        self._keepers[program.name] = asyncio.create_task(self._keep(program))

    def pid(self, name: str) -> int | None:
        """The program's process now, None between two."""
        process = self._processes.get(name)
        return process.pid if process is not None else None

    async def stop(self, names: Sequence[str], grace_s: float) -> None:
        """SIGTERM to these programs, SIGKILL to those that still run after `grace_s` seconds."""
        keepers = [self._keepers.pop(name) for name in names if name in self._keepers]
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)
        processes = [process for name in names if (process := self._processes.pop(name, None)) is not None]
        waits = [asyncio.create_task(process.wait()) for process in processes]
        for process in processes:
            _signal(process, signal.SIGTERM)
        if not waits:
            return
        _, running = await asyncio.wait(waits, timeout=grace_s)
        for process in processes:
            _signal(process, signal.SIGKILL)
        if running:
            _log.warning("%d programs had to be killed", len(running))
            await asyncio.wait(running)

    async def _keep(self, program: Program) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            begun_s = time.monotonic()
            process = await _start(program)
            self._processes[program.name] = process
            telling = asyncio.create_task(_tell(process, program.told))
            try:
                status = await process.wait()
            finally:
                telling.cancel()
            del self._processes[program.name]
            ran_s = time.monotonic() - begun_s
            pause_s = FIRST_PAUSE_S if ran_s > STEADY_AFTER_S else min(2 * pause_s, LONGEST_PAUSE_S)
            _log.error("%s ended with status %d, starting it again in %.1f s", program.name, status, pause_s)
            await asyncio.sleep(pause_s)


async def _start(program: Program) -> asyncio.subprocess.Process:
    program.log.parent.mkdir(parents=True, exist_ok=True)
    if program.log.exists() and program.log.stat().st_size > LOG_TURN_BYTES:
        program.log.rename(program.log.with_suffix(".1.log"))
    with program.log.open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-S", "-E", _TETHER, str(os.getpid()), *program.command),
            env={**os.environ, **program.environment},
            stdin=asyncio.subprocess.DEVNULL if program.told is None else asyncio.subprocess.PIPE,
            stdout=log,
            stderr=log,
            # A Ctrl-C at the terminal is for the supervisor, which then ends the programs in order.
            start_new_session=True,
        )


async def _tell(process: asyncio.subprocess.Process, told: "asyncio.Future[str] | None") -> None:
    if told is None or process.stdin is None:
        return
    try:
        line = await asyncio.shield(told)
        process.stdin.write(line.encode() + b"\n")
    finally:
        process.stdin.close()


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    if process.returncode is None:
        process.send_signal(number)

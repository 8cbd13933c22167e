"""Boxed child processes for everything that touches foreign media or may have to be killed.

One warm template process (`sandbox_template`) forks a child per task, so a task begins in milliseconds though its
modules take seconds to import. The child boxes itself in (`sandbox_child`), runs `module:function`, and writes JSON
lines to its end of a socket pair: `{"begun"}`, `{"progress"}`…, then `{"result"}` or `{"error"}`.
"""

import asyncio
import itertools
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from clipzy_server.domain import errors
from clipzy_server.domain.errors import ClipzyError, ErrorCode, StageFailed
from clipzy_server.media import sandbox_template
from clipzy_server.media.confinement import BoxMode, View
from clipzy_server.media.sandbox_limits import BoxPolicy, ChildDied, Limits
from clipzy_server.media.sandbox_template import MESSAGE_BYTES
from clipzy_server.media.sandbox_watch import Watch

MAX_ANSWER_BYTES = 256 * 1024 * 1024
TEMPLATE_ATTEMPTS = 3
"""A task whose template died under it is run again: the task itself did nothing wrong."""

ANSWERS_WITHIN_S = 10.0
"""A template that does not end a child within this time has stopped itself, and is replaced."""

_CRASHES = frozenset({signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGABRT, signal.SIGSYS})

_PASSED_ON = ("PATH", "HOME", "LANG", "LC_", "TZ", "TMPDIR", "LD_", "PYTHON", "NUMBA_", "COV")
"""How the variables begin that children inherit: what else our environment holds, passwords too, is not for them."""

_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
_FEW_ARENAS = {"MALLOC_ARENA_MAX": "2"}
"""What one thread freed serves the others, and what all have freed is less."""

_log = logging.getLogger("clipzy.sandbox")

Progress = Callable[[float], None]


class _TemplateDied(Exception):
    """The template is gone, and with it every child."""


class _Template:
    """The owner's end of one template process."""

    def __init__(self, preload: Sequence[str], environment: Mapping[str, str]) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, and names of our own modules
                [sys.executable, "-P", sandbox_template.__file__, str(theirs.fileno()), str(os.getpid())],
                pass_fds=[theirs.fileno()],
                env={**environment, **_ONE_THREAD, **_FEW_ARENAS},
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr.fileno(),
            )
        ours.setblocking(False)
        self._control = ours
        self._loop = asyncio.get_running_loop()
        self._endings: dict[str, asyncio.Future[int]] = {}
        self.ready: asyncio.Future[int] = self._loop.create_future()
        self.is_alive = True
        self._loop.add_reader(ours.fileno(), self._read)
        self._send({"preload": list(preload)}, [])

    def spawn(self, task: str, channel: socket.socket) -> asyncio.Future[int]:
        """Fork a child with this end of a channel; the future gives its wait status. Raises _TemplateDied."""
        if not self.is_alive:
            raise _TemplateDied
        self._endings[task] = ending = self._loop.create_future()
        self._send({"spawn": task}, [channel.fileno()])
        return ending

    def kill(self, task: str) -> None:
        """SIGKILL to the child's process group, if it still runs."""
        if self.is_alive:
            self._send({"kill": task}, [])

    def close(self) -> None:
        """End the template; the kernel then ends its children."""
        if self.is_alive:
            self._process.kill()
            self._lost()

    def _send(self, order: dict[str, Any], descriptors: list[int]) -> None:
        try:
            socket.send_fds(self._control, [json.dumps(order).encode()], descriptors)
        except (BrokenPipeError, ConnectionResetError):
            self._lost()

    def _read(self) -> None:
        try:
            message = self._control.recv(MESSAGE_BYTES)
        except BlockingIOError:
            return
        except ConnectionResetError:
            message = b""
        if not message:
            self._lost()
            return
        answer = json.loads(message)
        if "ready" in answer:
            self.ready.set_result(answer["ready"])
        else:
            ending = self._endings.pop(answer["ended"])
            if not ending.done():
                ending.set_result(answer["status"])

    def _lost(self) -> None:
        if not self.is_alive:
            return
        self.is_alive = False
        self._loop.remove_reader(self._control.fileno())
        self._control.close()
        self._process.kill()
        self._process.wait()
        for future in (self.ready, *self._endings.values()):
            if not future.done():
                future.set_exception(_TemplateDied())
                future.exception()
        self._endings.clear()


class Sandbox:
    """Runs tasks in boxed children of one warm template, which is started again when it dies.

    `preload` names the modules every task should find imported; `limits` hold where a call gives none of its own.
    """

    def __init__(self, preload: Sequence[str], limits: Limits | None = None, policy: BoxPolicy | None = None) -> None:
        self._preload = tuple(preload)
        self._limits = limits or Limits()
        self._policy = policy or BoxPolicy()
        self._template: _Template | None = None
        self._numbers = itertools.count(1)

    async def start(self) -> None:
        """Have the template warm before the first task comes."""
        await self._warm()

    async def close(self) -> None:
        """Kill the template and every child."""
        if self._template is not None:
            self._template.close()

    async def run(
        self,
        function: str,
        payload: dict[str, Any],
        on_progress: Progress | None = None,
        limits: Limits | None = None,
        view: View | None = None,
    ) -> dict[str, Any]:
        """Call `module:function(payload, report)` in a box and return its dict. Of our files it sees `view` alone.

        A ClipzyError raised there comes out equal; a child that ends without an answer is StageFailed (ChildDied).
        Cancelling the awaiting task kills the child and everything it started, and returns when they are dead.
        """
        limits = limits or self._limits
        box = {"limits": asdict(limits), "policy": asdict(self._policy), "view": asdict(view or View())}
        request = {"function": function, "payload": payload, **box}
        for attempt in range(1, TEMPLATE_ATTEMPTS + 1):
            try:
                async with asyncio.timeout(limits.wall_s):
                    return await self._attempt(request, on_progress)
            except TimeoutError as error:
                message = f"The task took longer than {limits.wall_s:g} s."
                raise StageFailed(ErrorCode.JOB_TIMEOUT, message) from error
            except _TemplateDied:
                _log.warning("the template died under %s, attempt %d", function, attempt)
        message, detail = "The sandbox does not stay up.", f"{function}: the template died"
        raise ChildDied(ErrorCode.WORKER_LOST, message, detail, by_chance=True)

    async def _warm(self) -> _Template:
        if self._template is None or not self._template.is_alive:
            self._template = _Template(self._preload, _passed_on(self._policy.mode))
        template = self._template
        await asyncio.shield(template.ready)
        return template

    async def _attempt(self, request: dict[str, Any], on_progress: Progress | None) -> dict[str, Any]:
        template = await self._warm()
        task = str(next(self._numbers))
        ours, theirs = socket.socketpair()
        with theirs:
            reader, writer = await asyncio.open_connection(sock=ours, limit=MAX_ANSWER_BYTES)
            try:
                ending = template.spawn(task, theirs)
            except _TemplateDied:
                writer.close()
                raise
        try:
            watch = Watch(request["function"], Limits(**request["limits"]))
            answer = await _converse(_Channel(reader, writer, watch), request, on_progress)
            if answer is None:
                raise _death(await asyncio.shield(ending), request)
        except BaseException:
            if not ending.done():
                template.kill(task)
                await _ended(ending, template)
            raise
        finally:
            writer.close()
        # It has nothing left to do: what its end takes, nobody waits for.
        template.kill(task)
        if "error" in answer:
            raise _revive(answer["error"])
        return answer["result"]  # type: ignore[no-any-return]


def _passed_on(mode: BoxMode) -> dict[str, str]:
    is_open = mode is BoxMode.OFF
    return {name: value for name, value in os.environ.items() if is_open or name.startswith(_PASSED_ON)}


async def _ended(ending: asyncio.Future[int], template: _Template) -> None:
    """Wait for a killed child even while being cancelled again: nobody may believe it silent before it is."""
    deadline_s = time.monotonic() + ANSWERS_WITHIN_S
    while not ending.done():
        if time.monotonic() > deadline_s:
            template.close()
        try:
            await asyncio.wait({ending}, timeout=ANSWERS_WITHIN_S)
        except asyncio.CancelledError:
            continue


@dataclass(frozen=True, slots=True)
class _Channel:
    """The owner's end of a child's channel, and who minds the child."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    watch: Watch


async def _converse(channel: _Channel, request: dict[str, Any], on_progress: Progress | None) -> dict[str, Any] | None:
    """Send the request, pass progress on, return the answer; None when the child ends without one."""
    try:
        channel.writer.write(json.dumps(request).encode() + b"\n")
        await channel.writer.drain()
        while line := await _next_line(channel):
            message: dict[str, Any] = json.loads(line)
            if "progress" in message:
                _pass_on(message["progress"], channel.watch, on_progress)
            elif "begun" in message:
                channel.watch.began(message["begun"])
            else:
                return message
    except (ConnectionResetError, BrokenPipeError, json.JSONDecodeError) as error:
        _log.warning("the channel to the child of %s broke: %r", request["function"], error)
    return None


async def _next_line(channel: _Channel) -> bytes:
    """What the child says next; b"" at its end. Raises ChildDied when it has stalled."""
    while True:
        try:
            async with asyncio.timeout(channel.watch.tick_s):
                return await channel.reader.readline()
        except TimeoutError:
            channel.watch.check()


def _pass_on(share: float, watch: Watch, on_progress: Progress | None) -> None:
    if not watch.grew(share):
        watch.check()
    if on_progress is not None:
        on_progress(share)


def _death(status: int, request: dict[str, Any]) -> ChildDied:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        detail = f"{request['function']} ended by {signal.Signals(number).name}"
        if number == signal.SIGKILL:
            message = "The task was killed, most likely for want of memory."
            return ChildDied(ErrorCode.OUT_OF_MEMORY, message, detail, by_chance=True)
        if number == signal.SIGXCPU:
            message = f"The task used more than {request['limits']['cpu_s']} s of processor time."
            return ChildDied(ErrorCode.JOB_TIMEOUT, message, detail, by_chance=False)
        if number not in _CRASHES:
            return ChildDied(ErrorCode.WORKER_LOST, "The task was ended from outside.", detail, by_chance=True)
    else:
        detail = f"{request['function']} ended with status {os.WEXITSTATUS(status)}"
    message = "The task ended without a result."
    return ChildDied(ErrorCode.INTERNAL_ERROR, message, detail, by_chance=False)


def _revive(fields: dict[str, Any]) -> ClipzyError:
    """The error that the child raised: same class, same fields."""
    kind = getattr(errors, fields.pop("kind"), ClipzyError)
    error: ClipzyError = kind.__new__(kind)
    code, message, detail = ErrorCode(fields.pop("code")), fields.pop("message"), fields.pop("detail", None)
    ClipzyError.__init__(error, code, message, detail)
    vars(error).update(fields)
    return error

"""Machines of a network: each a network namespace, joined to the tests' own by a cable that can be cut."""

import asyncio
import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass

from clipzy_server.store.session import KEEPALIVES

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


@dataclass(frozen=True, slots=True)
class Host:
    """`outside` is the address under which the machine reaches what the tests serve."""

    name: str
    cable: str
    outside: str

    @property
    def prefix(self) -> list[str]:
        """What to put before a command that shall run there."""
        return ["ip", "netns", "exec", self.name]

    def cut(self) -> None:
        """Nothing gets through any more, and nobody is told."""
        _ip("link", "set", self.cable, "down")

    def mend(self) -> None:
        """Join it again."""
        _ip("link", "set", self.cable, "up")


@contextmanager
def host() -> Iterator[Host]:
    """A machine for a while."""
    tag = secrets.token_hex(3)
    near, far = f"v{tag}n", f"v{tag}f"
    subnet = f"10.{200 + secrets.randbelow(50)}.{secrets.randbelow(256)}"
    machine = Host(f"clipzy-{tag}", near, f"{subnet}.1")
    _ip("netns", "add", machine.name)
    try:
        _ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", machine.name)
        _ip("addr", "add", f"{subnet}.1/30", "dev", near)
        _ip("link", "set", near, "up")
        _ip("-n", machine.name, "addr", "add", f"{subnet}.2/30", "dev", far)
        _ip("-n", machine.name, "link", "set", far, "up")
        _ip("-n", machine.name, "link", "set", "lo", "up")
        yield machine
    finally:
        _ip("netns", "del", machine.name)


def can_make_hosts() -> bool:
    """Whether this user may, and has the tool for it."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    try:
        with host():
            return True
    except subprocess.CalledProcessError:
        return False


@asynccontextmanager
async def relay(address: str, connect: Connect) -> AsyncIterator[int]:
    """Gives what `connect` reaches at this address; yields the port."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _notice_silence(writer.get_extra_info("socket"))
        far_reader, far_writer = await connect()
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            tasks.add(asyncio.create_task(_pass(source, sink)))

    server = await asyncio.start_server(serve, address, 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _notice_silence(connection: socket.socket) -> None:
    """As PostgreSQL does at its own sockets, which here do not reach the machine."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, setting in (
        (socket.TCP_KEEPIDLE, "tcp_keepalives_idle"),
        (socket.TCP_KEEPINTVL, "tcp_keepalives_interval"),
        (socket.TCP_KEEPCNT, "tcp_keepalives_count"),
        (socket.TCP_USER_TIMEOUT, "tcp_user_timeout"),
    ):
        connection.setsockopt(socket.IPPROTO_TCP, option, int(KEEPALIVES[setting]))


async def _pass(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    # A line that is torn is what some tests want.
    with closing(sink), suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)

"""A receiver of webhooks on a real socket, as good or as bad as a test wants it."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


def status(code: int, *headers: str) -> bytes:
    """An answer without a body."""
    return "\r\n".join([f"HTTP/1.1 {code} Said", "content-length: 0", *headers, "", ""]).encode()


@dataclass(frozen=True)
class Request:
    """What came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Gives the next of `answers` to each request, then 200. `None` stands for an answer that never comes."""

    tls: ssl.SSLContext | None = None
    answers: list[bytes | None] = field(default_factory=list)
    got: list[Request] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    _came: asyncio.Condition = field(default_factory=asyncio.Condition)
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    async def requests(self, count: int) -> list[Request]:
        """The requests, once there are as many."""
        async with self._came:
            await self._came.wait_for(lambda: len(self.got) >= count)
        return self.got

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Receiver"]:
        serving: set[asyncio.Task[None]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task
            serving.add(task)
            self.connections += 1
            try:
                # The other side may have had enough.
                with suppress(ConnectionError, asyncio.IncompleteReadError):
                    await self._serve(reader, writer)
            finally:
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=self.tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self._over.set()
            await asyncio.gather(*serving)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:-1])}
        body = await reader.readexactly(int(headers["content-length"]))
        async with self._came:
            self.got.append(Request(head[0].split()[1], headers, body))
            self._came.notify_all()
        answer = self.answers.pop(0) if self.answers else OK
        if answer is None:
            await self._over.wait()
            return
        writer.write(answer)
        await writer.drain()

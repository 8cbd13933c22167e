"""A line to the server that can be cut."""

import asyncio
from dataclasses import dataclass, field


@dataclass
class Line:
    """A relay to the server. Its first connections carry so many bytes, and break when `may_break` is set."""

    breaks: list[int] = field(default_factory=list)
    may_break: asyncio.Event = field(default_factory=asyncio.Event)
    carried: int = 0
    connections: set[asyncio.Transport] = field(default_factory=set)

    def cut(self) -> None:
        """Ends every connection there is."""
        for transport in self.connections:
            transport.abort()

    async def connect(self, up_reader, up_writer, address: str) -> None:
        reader, writer = await asyncio.open_unix_connection(address)
        allowed = self.breaks.pop(0) if self.breaks else None
        self.connections = {up_writer.transport, writer.transport}
        back = asyncio.create_task(self._pass(reader, up_writer))
        try:
            await self._pass(up_reader, writer, allowed)
        finally:
            for end in (up_writer, writer):
                end.transport.abort()
            await asyncio.gather(back, return_exceptions=True)

    async def _pass(self, reader, writer, allowed: int | None = None) -> None:
        done = 0
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
            done += len(piece)
            self.carried += len(piece)
            if allowed is not None and done > allowed:
                await self.may_break.wait()
                return

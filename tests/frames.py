"""HTTP/2 frames as a hostile client sends them: no library would."""

import asyncio
import struct
from dataclasses import dataclass

DATA, HEADERS, RESET, SETTINGS, GOAWAY, WINDOW = 0, 1, 3, 4, 7, 8
END_STREAM, END_HEADERS = 1, 4
MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE = 3, 4
LARGEST_WINDOW = 2**31 - 1

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


@dataclass(frozen=True)
class Frame:
    kind: int
    flags: int
    stream: int
    payload: bytes

    def ends(self, stream: int) -> bool:
        """True when nothing more comes on the stream."""
        last = self.kind in (DATA, HEADERS) and self.flags & END_STREAM
        return self.stream == stream and bool(last or self.kind == RESET)


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def get(stream: int, path: str, *more: tuple[str, str]) -> bytes:
    """A whole GET, its header fields written out as literals, each shorter than 127 bytes."""
    fields = b"\x82\x86\x04" + _text(path) + b"\x01" + _text("x")
    fields += b"".join(b"\0" + _text(name) + _text(value) for name, value in more)
    return frame(HEADERS, END_STREAM | END_HEADERS, stream, fields)


def opening() -> bytes:
    """The preface, with windows so wide that the server never waits for us."""
    settings = struct.pack(">HI", INITIAL_WINDOW_SIZE, LARGEST_WINDOW)
    widened = struct.pack(">I", LARGEST_WINDOW - 65535)
    return _PREFACE + frame(SETTINGS, 0, 0, settings) + frame(WINDOW, 0, 0, widened)


def settings_of(payload: bytes) -> dict[int, int]:
    return dict(struct.iter_unpack(">HI", payload))


async def read_frame(reader: asyncio.StreamReader) -> Frame | None:
    """The next frame, or None at the end of the connection."""
    try:
        head = await reader.readexactly(9)
        payload = await reader.readexactly(int.from_bytes(head[:3], "big"))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    kind, flags, stream = struct.unpack(">BBI", head[3:])
    return Frame(kind, flags, stream, payload)


def _text(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()

"""`multipart/form-data` as a stream of events: bytes in as they come, parts out, nothing held."""

import logging
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, MultipartState, parse_options_header

from clipzy_server.domain.errors import ErrorCode, Invalid

_MAX_PART_HEADERS = 8
_MAX_PART_HEADER_BYTES = 8192

# The parser warns of every malformed body; callers are told, the log need not be.
logging.getLogger("python_multipart.multipart").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class PartStarted:
    """The headers of a part are read. `filename` is None where the part is a plain field."""

    name: str
    filename: str | None


@dataclass(frozen=True, slots=True)
class PartData:
    """Bytes of the part that started last."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PartEnded:
    """The part that started last is complete."""


Event = PartStarted | PartData | PartEnded


class MultipartReader:
    """Turns chunks into events. One chunk gives at most one PartData for each part it touches."""

    def __init__(self, content_type: str) -> None:
        self._events: list[Event] = []
        self._pieces: list[bytes] = []
        self._field = bytearray()
        self._value = bytearray()
        self._disposition = b""
        self._parser = MultipartParser(
            _boundary(content_type),
            {
                "on_part_begin": self._on_part_begin,
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_part_data,
                "on_part_end": self._on_part_end,
            },
            max_header_count=_MAX_PART_HEADERS,
            max_header_size=_MAX_PART_HEADER_BYTES,
        )

    def feed(self, chunk: bytes) -> list[Event]:
        """What this chunk completes or adds; raises Invalid (VALIDATION_ERROR) for a malformed body."""
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise malformed("The body is not the multipart/form-data its boundary announces.") from error
        self._flush()
        events, self._events = self._events, []
        return events

    def finish(self) -> None:
        """Raises Invalid unless the closing boundary came: a body that was cut off must never pass for a whole one."""
        if self._parser.state != MultipartState.END:
            raise malformed("The body ends before its closing boundary.")

    def _on_part_begin(self) -> None:
        self._disposition = b""

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        if self._field.lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._field.clear()
        self._value.clear()

    def _on_headers_finished(self) -> None:
        kind, options = parse_options_header(self._disposition.decode("latin-1"))
        if kind != b"form-data" or b"name" not in options:
            raise malformed("A part has no Content-Disposition: form-data with a name.")
        filename = options.get(b"filename")
        self._events.append(PartStarted(_text(options[b"name"]), None if filename is None else _text(filename)))

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._pieces.append(data[start:end])

    def _on_part_end(self) -> None:
        self._flush()
        self._events.append(PartEnded())

    def _flush(self) -> None:
        if self._pieces:
            self._events.append(PartData(self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)))
            self._pieces = []


def malformed(detail: str) -> Invalid:
    """A form that cannot be read."""
    return Invalid(ErrorCode.VALIDATION_ERROR, "Malformed form", detail)


def _boundary(content_type: str) -> bytes:
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data":
        detail = "The body must be sent as multipart/form-data."
        raise Invalid(ErrorCode.UNSUPPORTED_MEDIA_TYPE, "Unsupported media type", detail)
    boundary = options.get(b"boundary", b"")
    if not 1 <= len(boundary) <= 70:
        raise malformed("The content type names no boundary of 1 to 70 characters.")
    return boundary


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise malformed("The names of a part must be UTF-8.") from error

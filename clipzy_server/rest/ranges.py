"""The `Range` header (RFC 9110 §14) for one file."""

import re
from dataclasses import dataclass


class RangeNotSatisfiable(ValueError):
    """The range lies outside the file."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `start` … `end` − 1."""

    start: int
    end: int

    @property
    def length_bytes(self) -> int:
        """How many bytes these are."""
        return self.end - self.start


def requested_range(header: str | None, size_bytes: int) -> ByteRange | None:
    """The part asked for; None means the whole file, also for several ranges and for what is not understood.

    Raises RangeNotSatisfiable.
    """
    match = re.fullmatch(r"bytes=\s*([0-9]{0,19})-([0-9]{0,19})\s*", header or "", re.ASCII | re.IGNORECASE)
    if match is None:
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if not first:
        return _suffix(int(last), size_bytes)
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size_bytes:
        raise RangeNotSatisfiable
    return ByteRange(start, min(int(last) + 1, size_bytes) if last else size_bytes)


def _suffix(length: int, size_bytes: int) -> ByteRange:
    if length == 0 or size_bytes == 0:
        raise RangeNotSatisfiable
    return ByteRange(max(0, size_bytes - length), size_bytes)

"""Headers of answers."""

from collections.abc import Mapping
from typing import Any

# Name → what it says, of the headers that every answer has.
EVERYWHERE: Mapping[str, str] = {"x-request-id": "Names this request in the server's log."}


def common_headers() -> dict[str, Any]:
    """The headers of every answer."""
    return {name: {**header, "required": True} for name, header in described_headers(EVERYWHERE).items()}


def described_headers(headers: Mapping[str, str]) -> dict[str, Any]:
    """The headers object for name → what it says."""
    return {name: {"description": says, "schema": {"type": "string"}} for name, says in headers.items()}

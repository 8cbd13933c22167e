"""One REST exchange behind the gateway: the original path, request headers, and the status to answer with."""

from collections.abc import Mapping
from typing import Any

import grpc.aio

Context = grpc.aio.ServicerContext[Any, Any]


def request_header(context: Context, name: str) -> str | None:
    """The first value of a request header (lower-case name), or None."""
    for key, value in context.invocation_metadata() or ():
        if key == name:
            return value if isinstance(value, str) else value.decode("latin-1")
    return None


def original_path(context: Context) -> str:
    """The path and query the caller sent; empty where no gateway stands in front."""
    return request_header(context, "x-envoy-original-path") or ""


def is_head(context: Context) -> bool:
    """True when only the headers are asked for."""
    return request_header(context, "x-envoy-original-method") == "HEAD"


async def send_head(
    context: Context, headers: Mapping[str, str], *, status: int = 200, length_bytes: int | None = None
) -> None:
    """Sends status and headers now; the gateway turns the private ones into what they say."""
    private = {"x-clipzy-http-status": str(status)}
    if length_bytes is not None:
        private["x-clipzy-length"] = str(length_bytes)
    await context.send_initial_metadata(tuple({**headers, **private}.items()))

"""The call being served: who calls, and under which id it is logged."""

import asyncio
import re
import secrets
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio
from structlog.contextvars import bind_contextvars

from clipzy_server.domain.owner import Owner

_STATUSES = {code.value[0]: code for code in grpc.StatusCode}
_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")

_owner: ContextVar[Owner] = ContextVar("owner")
_request_id: ContextVar[str] = ContextVar("request_id")


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its full method (`/clipzy.v1.JobService/GetJob`), its context and its first value per metadata key."""

    method: str
    context: "grpc.aio.ServicerContext[Any, Any]"
    metadata: Mapping[str, str | bytes]
    request_id: str


def receive(method: str, context: "grpc.aio.ServicerContext[Any, Any]") -> Call:
    """The call behind a context; its request id becomes current and goes out with the trailers."""
    metadata: dict[str, str | bytes] = {}
    for key, value in context.invocation_metadata() or ():
        metadata.setdefault(key, value)
    offered = metadata.get("x-request-id")
    sane = isinstance(offered, str) and _SANE_REQUEST_ID.fullmatch(offered)
    request_id = str(offered) if sane else secrets.token_hex(16)
    _request_id.set(request_id)
    bind_contextvars(request_id=request_id)
    context.set_trailing_metadata((("x-request-id", request_id),))
    return Call(method, context, metadata, request_id)


def status_of(call: Call) -> grpc.StatusCode:
    """How the call stands, asked while it ends. The context holds gRPC's number, and 0 or None as long as nothing was
    refused; who leaves shows as the exception on its way out.
    """
    if isinstance(sys.exception(), asyncio.CancelledError):
        return grpc.StatusCode.CANCELLED
    number = call.context.code()
    return number if isinstance(number, grpc.StatusCode) else _STATUSES.get(number, grpc.StatusCode.OK)


def become(owner: Owner) -> None:
    """Makes `owner` the one this call is served for. Each call runs in its own task, so nothing has to be undone."""
    _owner.set(owner)


def current_owner() -> Owner:
    """Whose call is being served. Raises LookupError in a call that needs no identity."""
    return _owner.get()


def known_owner() -> Owner | None:
    """Whose call is being served, or None where nobody was asked."""
    return _owner.get(None)


def current_request_id() -> str:
    """The id of the call being served; every answer and every line of its log carries it."""
    return _request_id.get()

"""A failure as it leaves the server: status, ErrorInfo for gRPC callers, the finished envelope for REST callers.

All of it travels in trailers, whose sum gRPC peers commonly cap at 8 KiB: message and detail are cut to fit.
"""

import json
import math
from dataclasses import dataclass

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status as RpcStatus
from grpc import StatusCode

from clipzy_server.domain.errors import ClipzyError, ErrorCode, Exhausted, anatomy
from clipzy_server.transport.statuses import STATUSES

DOMAIN = "clipzy"
_MESSAGE_BYTES = 600
_DETAIL_BYTES = 1500

Trailers = tuple[tuple[str, str | bytes], ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """What is sent instead of an answer."""

    status: StatusCode
    message: str
    trailers: Trailers


def failure_of(error: ClipzyError, request_id: str) -> Failure:
    """The failure that tells of `error`. Metadata values are ASCII; `…-bin` is base64-encoded by gRPC itself."""
    status = STATUSES[error.code]
    retry_after_s = max(1, math.ceil(error.retry_after_s)) if isinstance(error, Exhausted) else None
    message, detail = _shortened(error.message, _MESSAGE_BYTES), _shortened(error.detail, _DETAIL_BYTES)
    trailers: Trailers = (
        ("grpc-status-details-bin", status_details(status.grpc, error.code, message, detail, retry_after_s)),
        ("x-clipzy-error", envelope(error.code, message, detail)),
        ("x-clipzy-http-status", str(status.http)),
        ("x-request-id", request_id),
    )
    if retry_after_s is not None:
        trailers += (("retry-after", str(retry_after_s)),)
    return Failure(status.grpc, message, trailers)


def internal_error(request_id: str, debugged: BaseException | None = None) -> ClipzyError:
    """What callers learn of a crash: the id under which it is in the log, and the crash itself only if it is given."""
    what = "Something went wrong here." if debugged is None else anatomy(debugged)
    return ClipzyError(ErrorCode.INTERNAL_ERROR, "Internal error", f"Request {request_id}. {what}")


def envelope(code: ErrorCode, message: str, detail: str) -> str:
    """The REST body of a failure, as ASCII JSON."""
    return json.dumps({"success": False, "message": message, "error": {"detail": detail, "code": code.value}})


def status_details(
    status: StatusCode, code: ErrorCode, message: str, detail: str, retry_after_s: int | None = None
) -> bytes:
    """A serialized `google.rpc.Status` with the one ErrorInfo that every refusal carries, and when to come again."""
    details = [_packed(ErrorInfo(reason=code.value, domain=DOMAIN, metadata={"detail": detail}))]
    if retry_after_s is not None:
        details.append(_packed(RetryInfo(retry_delay=Duration(seconds=retry_after_s))))
    serialized: bytes = RpcStatus(code=status.value[0], message=message, details=details).SerializeToString()
    return serialized


def _packed(message: Message) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(message)
    return packed


def _shortened(text: str, limit_bytes: int) -> str:
    """As much of the text as fits into `limit_bytes` of ASCII JSON; lone surrogates become question marks."""
    text = text[:limit_bytes].encode("utf-8", "replace").decode()
    while (excess := len(json.dumps(text)) - limit_bytes) > 0:
        # One character is at most 12 bytes of JSON (a surrogate pair), so this never cuts below the limit by much.
        text = text[: len(text) - max(1, excess // 12)]
    return text

"""A failed call as one of the client's errors."""

from typing import Any

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from clipzy_client.errors import ClipzyError, error_for

# What gRPC itself says where no server of Clipzy's has spoken.
_CODES = {"UNIMPLEMENTED": "ROUTE_NOT_FOUND", "UNAUTHENTICATED": "UNAUTHORIZED", "PERMISSION_DENIED": "FORBIDDEN"}


def from_rpc(error: grpc.RpcError) -> ClipzyError:
    """The error a failed call carries; without details its code is the gRPC status's own name."""
    call: Any = error
    trailers: dict[str, Any] = {str(key): value for key, value in call.trailing_metadata() or ()}
    request_id = trailers.get("x-request-id")
    message = call.details() or "the call failed"
    code, detail, retry_after_s = call.code().name, message, None
    for packed in _details(trailers.get("grpc-status-details-bin", b"")):
        info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
        if packed.Unpack(info):
            code, detail = info.reason, info.metadata.get("detail", message)
        elif packed.Unpack(retry):
            retry_after_s = retry.retry_delay.ToTimedelta().total_seconds()
    return error_for(_CODES.get(code, code), message, detail, request_id, retry_after_s)


def _details(status: bytes) -> list[Any]:
    try:
        return list(status_pb2.Status.FromString(status).details)
    except DecodeError:
        return []

"""The one error a call can end with; clients switch on `code`."""

from typing import Any

from google.rpc import error_details_pb2
from grpc.aio import AioRpcError
from grpc_status import rpc_status


class ClipzyError(Exception):
    """A refusal or failure: the published `code`, a `message` for a person, a technical `detail`, the `request_id`."""

    def __init__(self, code: str, message: str, detail: str, request_id: str | None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.detail = detail
        self.request_id = request_id


def from_rpc(error: AioRpcError) -> ClipzyError:
    """The error a failed call carries; without details its code is the gRPC status's own name."""
    trailers: Any = error.trailing_metadata() or ()
    request_id = next((value for key, value in trailers if key == "x-request-id"), None)
    message = error.details() or "the call failed"
    status = rpc_status.from_call(error)  # type: ignore[arg-type]
    for packed in status.details if status is not None else ():
        info = error_details_pb2.ErrorInfo()
        if packed.Unpack(info):
            return ClipzyError(info.reason, message, info.metadata.get("detail", message), request_id)
    return ClipzyError(error.code().name, message, message, request_id)

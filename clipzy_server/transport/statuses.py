"""The one table: each published error code → its gRPC and its HTTP status."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from grpc import StatusCode

from clipzy_server.domain.errors import ErrorCode


@dataclass(frozen=True, slots=True)
class Status:
    """How one error code leaves the server."""

    grpc: StatusCode
    http: int


STATUSES: Mapping[ErrorCode, Status] = MappingProxyType(
    {
        ErrorCode.UNAUTHORIZED: Status(StatusCode.UNAUTHENTICATED, 401),
        ErrorCode.FORBIDDEN: Status(StatusCode.PERMISSION_DENIED, 403),
        ErrorCode.VIDEO_NOT_FOUND: Status(StatusCode.NOT_FOUND, 404),
        ErrorCode.JOB_NOT_FOUND: Status(StatusCode.NOT_FOUND, 404),
        ErrorCode.STYLE_NOT_FOUND: Status(StatusCode.NOT_FOUND, 404),
        ErrorCode.UPLOAD_NOT_FOUND: Status(StatusCode.NOT_FOUND, 404),
        ErrorCode.ARTIFACT_NOT_FOUND: Status(StatusCode.NOT_FOUND, 404),
        ErrorCode.DELIVERY_NOT_FOUND: Status(StatusCode.NOT_FOUND, 404),
        ErrorCode.ROUTE_NOT_FOUND: Status(StatusCode.NOT_FOUND, 404),
        ErrorCode.METHOD_NOT_ALLOWED: Status(StatusCode.UNIMPLEMENTED, 405),
        ErrorCode.JOB_ALREADY_PROCESSING: Status(StatusCode.ABORTED, 409),
        ErrorCode.RESULT_NOT_READY: Status(StatusCode.FAILED_PRECONDITION, 409),
        ErrorCode.JOB_ALREADY_FINISHED: Status(StatusCode.FAILED_PRECONDITION, 409),
        ErrorCode.IDEMPOTENCY_KEY_REUSED: Status(StatusCode.ALREADY_EXISTS, 409),
        ErrorCode.VIDEO_IN_USE: Status(StatusCode.FAILED_PRECONDITION, 409),
        ErrorCode.UPLOAD_OFFSET_CONFLICT: Status(StatusCode.ABORTED, 409),
        ErrorCode.UNSUPPORTED_TUS_VERSION: Status(StatusCode.FAILED_PRECONDITION, 412),
        ErrorCode.FILE_TOO_LARGE: Status(StatusCode.RESOURCE_EXHAUSTED, 413),
        ErrorCode.BODY_TOO_LARGE: Status(StatusCode.RESOURCE_EXHAUSTED, 413),
        ErrorCode.VALIDATION_ERROR: Status(StatusCode.INVALID_ARGUMENT, 422),
        ErrorCode.MISSING_FIELD: Status(StatusCode.INVALID_ARGUMENT, 422),
        ErrorCode.UNSUPPORTED_FORMAT: Status(StatusCode.INVALID_ARGUMENT, 422),
        ErrorCode.UNSUPPORTED_MEDIA_TYPE: Status(StatusCode.INVALID_ARGUMENT, 415),
        ErrorCode.RANGE_NOT_SATISFIABLE: Status(StatusCode.OUT_OF_RANGE, 416),
        # What tus asks for: 460 is its own, and 400 for an algorithm that is not among those announced.
        ErrorCode.CHECKSUM_MISMATCH: Status(StatusCode.INVALID_ARGUMENT, 460),
        ErrorCode.UNSUPPORTED_CHECKSUM_ALGORITHM: Status(StatusCode.INVALID_ARGUMENT, 400),
        ErrorCode.CORRUPT_VIDEO: Status(StatusCode.INVALID_ARGUMENT, 422),
        ErrorCode.NO_VIDEO_STREAM: Status(StatusCode.INVALID_ARGUMENT, 422),
        ErrorCode.LIMIT_EXCEEDED: Status(StatusCode.INVALID_ARGUMENT, 422),
        ErrorCode.RATE_LIMITED: Status(StatusCode.RESOURCE_EXHAUSTED, 429),
        ErrorCode.QUOTA_EXCEEDED: Status(StatusCode.RESOURCE_EXHAUSTED, 429),
        ErrorCode.UNAVAILABLE: Status(StatusCode.UNAVAILABLE, 503),
        ErrorCode.INSUFFICIENT_STORAGE: Status(StatusCode.UNAVAILABLE, 507),
        ErrorCode.DEADLINE_EXCEEDED: Status(StatusCode.DEADLINE_EXCEEDED, 504),
        ErrorCode.NOT_IMPLEMENTED: Status(StatusCode.UNIMPLEMENTED, 501),
        # The codes of a job's own error: they reach a caller as a status only when such an error escapes a call.
        ErrorCode.JOB_TIMEOUT: Status(StatusCode.INTERNAL, 500),
        ErrorCode.JOB_STALLED: Status(StatusCode.INTERNAL, 500),
        ErrorCode.OUT_OF_MEMORY: Status(StatusCode.INTERNAL, 500),
        ErrorCode.RENDER_FAILED: Status(StatusCode.INTERNAL, 500),
        ErrorCode.WORKER_LOST: Status(StatusCode.INTERNAL, 500),
        ErrorCode.INTERNAL_ERROR: Status(StatusCode.INTERNAL, 500),
    }
)

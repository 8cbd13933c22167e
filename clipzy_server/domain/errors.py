"""The one error tree. Each error carries the published code; transport maps codes to statuses in one place.

ClipzyError
├── Unauthorized                     UNAUTHORIZED
├── Forbidden                        FORBIDDEN
├── NotFound                         VIDEO_NOT_FOUND, JOB_NOT_FOUND, STYLE_NOT_FOUND, UPLOAD_NOT_FOUND,
│                                    ARTIFACT_NOT_FOUND, DELIVERY_NOT_FOUND
├── Conflict                         JOB_ALREADY_PROCESSING, RESULT_NOT_READY, JOB_ALREADY_FINISHED,
│                                    IDEMPOTENCY_KEY_REUSED, VIDEO_IN_USE, UPLOAD_OFFSET_CONFLICT
├── TooLarge                         FILE_TOO_LARGE, BODY_TOO_LARGE
├── Invalid                          VALIDATION_ERROR, MISSING_FIELD, UNSUPPORTED_FORMAT, CORRUPT_VIDEO,
│                                    NO_VIDEO_STREAM, LIMIT_EXCEEDED, UNSUPPORTED_MEDIA_TYPE, RANGE_NOT_SATISFIABLE,
│                                    CHECKSUM_MISMATCH, UNSUPPORTED_CHECKSUM_ALGORITHM, UNSUPPORTED_TUS_VERSION
├── Exhausted                        RATE_LIMITED, QUOTA_EXCEEDED
├── Unavailable                      UNAVAILABLE, INSUFFICIENT_STORAGE, DEADLINE_EXCEEDED
└── StageFailed                      a job's own errors: JOB_TIMEOUT, JOB_STALLED, OUT_OF_MEMORY, RENDER_FAILED,
                                     WORKER_LOST, INSUFFICIENT_STORAGE, INTERNAL_ERROR
Anything else that escapes is INTERNAL_ERROR.
"""

from enum import StrEnum


class ErrorCode(StrEnum):
    """Every code a caller can meet; clients switch on it."""

    UNAUTHORIZED = "UNAUTHORIZED"
    FORBIDDEN = "FORBIDDEN"
    VIDEO_NOT_FOUND = "VIDEO_NOT_FOUND"
    JOB_NOT_FOUND = "JOB_NOT_FOUND"
    STYLE_NOT_FOUND = "STYLE_NOT_FOUND"
    UPLOAD_NOT_FOUND = "UPLOAD_NOT_FOUND"
    ARTIFACT_NOT_FOUND = "ARTIFACT_NOT_FOUND"
    DELIVERY_NOT_FOUND = "DELIVERY_NOT_FOUND"
    ROUTE_NOT_FOUND = "ROUTE_NOT_FOUND"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    JOB_ALREADY_PROCESSING = "JOB_ALREADY_PROCESSING"
    RESULT_NOT_READY = "RESULT_NOT_READY"
    JOB_ALREADY_FINISHED = "JOB_ALREADY_FINISHED"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    VIDEO_IN_USE = "VIDEO_IN_USE"
    UPLOAD_OFFSET_CONFLICT = "UPLOAD_OFFSET_CONFLICT"
    UNSUPPORTED_TUS_VERSION = "UNSUPPORTED_TUS_VERSION"
    FILE_TOO_LARGE = "FILE_TOO_LARGE"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    VALIDATION_ERROR = "VALIDATION_ERROR"
    MISSING_FIELD = "MISSING_FIELD"
    UNSUPPORTED_FORMAT = "UNSUPPORTED_FORMAT"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    RANGE_NOT_SATISFIABLE = "RANGE_NOT_SATISFIABLE"
    CHECKSUM_MISMATCH = "CHECKSUM_MISMATCH"
    UNSUPPORTED_CHECKSUM_ALGORITHM = "UNSUPPORTED_CHECKSUM_ALGORITHM"
    CORRUPT_VIDEO = "CORRUPT_VIDEO"
    NO_VIDEO_STREAM = "NO_VIDEO_STREAM"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    RATE_LIMITED = "RATE_LIMITED"
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    UNAVAILABLE = "UNAVAILABLE"
    INSUFFICIENT_STORAGE = "INSUFFICIENT_STORAGE"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    NOT_IMPLEMENTED = "NOT_IMPLEMENTED"
    JOB_TIMEOUT = "JOB_TIMEOUT"
    JOB_STALLED = "JOB_STALLED"
    OUT_OF_MEMORY = "OUT_OF_MEMORY"
    RENDER_FAILED = "RENDER_FAILED"
    WORKER_LOST = "WORKER_LOST"
    INTERNAL_ERROR = "INTERNAL_ERROR"


class ClipzyError(Exception):
    """A failure with a published code, a message for a person and a technical detail."""

    def __init__(self, code: ErrorCode, message: str, detail: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail or message


def anatomy(error: BaseException) -> str:
    """An error and what caused it, by kind and words: for logs, and for callers of an installation that is debugged."""
    told = f"{type(error).__name__}: {error.detail if isinstance(error, ClipzyError) else error}"
    return told if error.__cause__ is None else f"{told} <- {anatomy(error.__cause__)}"


class Unauthorized(ClipzyError):
    """No valid token came with the call."""

    def __init__(self) -> None:
        super().__init__(ErrorCode.UNAUTHORIZED, "Unauthorized", "Missing or invalid authentication credentials.")


class Forbidden(ClipzyError):
    """The token is valid but does not allow this."""


class NotFound(ClipzyError):
    """Unknown, or somebody else's: both answer the same."""


class Conflict(ClipzyError):
    """The present state does not allow this."""


class TooLarge(ClipzyError):
    """More bytes than the limit."""


class Invalid(ClipzyError):
    """The input breaks a rule; the detail names it."""


class Exhausted(ClipzyError):
    """A limit of rate or quota; `retry_after_s` tells when to come again."""

    def __init__(self, code: ErrorCode, message: str, detail: str | None = None, retry_after_s: float = 1.0) -> None:
        super().__init__(code, message, detail)
        self.retry_after_s = retry_after_s


class Unavailable(ClipzyError):
    """Something this call needs does not answer now, or has no room."""


class StageFailed(ClipzyError):
    """A stage of a job ended without a result."""

"""The errors of calls: a class for each published code, under a class for each kind.

ClipzyError
├── Unauthorized, Forbidden
├── NotFound       unknown, or somebody else's
├── Conflict       the present state does not allow it
├── TooLarge       more bytes than the limit
├── Invalid        the input breaks a rule
├── Exhausted      a limit of rate or quota; `retry_after_s` tells when to come again
├── Unavailable    something does not answer now, or has no room
├── JobFailed      what `wait` raises for a job that failed
├── JobCancelled   what `wait` raises for a job that was cancelled
├── InternalError, NotImplementedHere
└── (itself)       a code that this version does not know
"""

from typing import Any, ClassVar


class ClipzyError(Exception):
    """A refusal or failure: the published `code`, a `message` for a person, a technical `detail`, the `request_id`."""

    code: str = ""
    _by_code: ClassVar[dict[str, type["ClipzyError"]]] = {}

    def __init_subclass__(cls, code: str = "", **options: Any) -> None:
        super().__init_subclass__(**options)
        if code:
            cls.code = code
            cls._by_code[code] = cls

    def __init__(
        self, code: str, message: str, detail: str, request_id: str | None = None, retry_after_s: float | None = None
    ) -> None:
        told = f" (request {request_id})" if request_id else ""
        super().__init__(f"{code}: {message}{told}")
        self.code = code
        self.message = message
        self.detail = detail
        self.request_id = request_id
        self.retry_after_s = retry_after_s

    @classmethod
    def kinds(cls) -> dict[str, type["ClipzyError"]]:
        """Code → class, for every published code."""
        return dict(cls._by_code)


class Unauthorized(ClipzyError, code="UNAUTHORIZED"):
    """No valid token came with the call."""


class Forbidden(ClipzyError, code="FORBIDDEN"):
    """The token is valid but its scope does not allow this."""


class NotFound(ClipzyError):
    """Unknown, or somebody else's: both answer the same."""


class VideoNotFound(NotFound, code="VIDEO_NOT_FOUND"):
    """There is no such video."""


class JobNotFound(NotFound, code="JOB_NOT_FOUND"):
    """There is no such job."""


class StyleNotFound(NotFound, code="STYLE_NOT_FOUND"):
    """There is no such saved style, or the job ended without one."""


class UploadNotFound(NotFound, code="UPLOAD_NOT_FOUND"):
    """There is no such resumable upload; unfinished ones are forgotten after a day."""


class ArtifactNotFound(NotFound, code="ARTIFACT_NOT_FOUND"):
    """The job has no file of that name."""


class DeliveryNotFound(NotFound, code="DELIVERY_NOT_FOUND"):
    """There is no such delivery of a webhook."""


class RouteNotFound(NotFound, code="ROUTE_NOT_FOUND"):
    """There is no such path or method: the server is older than this client, or not Clipzy."""


class MethodNotAllowed(ClipzyError, code="METHOD_NOT_ALLOWED"):
    """The path is known, the HTTP method is not."""


class Conflict(ClipzyError):
    """The present state does not allow this."""


class JobAlreadyProcessing(Conflict, code="JOB_ALREADY_PROCESSING"):
    """Another job of this video is queued or processing."""


class ResultNotReady(Conflict, code="RESULT_NOT_READY"):
    """The job has not ended yet."""


class JobAlreadyFinished(Conflict, code="JOB_ALREADY_FINISHED"):
    """The job has ended; it can no longer be cancelled."""


class IdempotencyKeyReused(Conflict, code="IDEMPOTENCY_KEY_REUSED"):
    """The key was used with other content within a day."""


class VideoInUse(Conflict, code="VIDEO_IN_USE"):
    """A job that has not ended needs the video."""


class UploadOffsetConflict(Conflict, code="UPLOAD_OFFSET_CONFLICT"):
    """The upload is at another byte, or another call goes on with it."""


class UnsupportedTusVersion(Conflict, code="UNSUPPORTED_TUS_VERSION"):
    """The server speaks tus 1.0.0."""


class TooLarge(ClipzyError):
    """More bytes than the limit."""


class FileTooLarge(TooLarge, code="FILE_TOO_LARGE"):
    """The video has more bytes than the server takes (`MAX_FILE_SIZE_MB`)."""


class BodyTooLarge(TooLarge, code="BODY_TOO_LARGE"):
    """The request has more than 2 MiB of JSON."""


class Invalid(ClipzyError):
    """The input breaks a rule; the detail names it."""


class ValidationError(Invalid, code="VALIDATION_ERROR"):
    """A field has a value that it may not have."""


class MissingField(Invalid, code="MISSING_FIELD"):
    """A required field is missing."""


class UnsupportedFormat(Invalid, code="UNSUPPORTED_FORMAT"):
    """The file is no mp4, mov, avi, mkv or webm."""


class UnsupportedMediaType(Invalid, code="UNSUPPORTED_MEDIA_TYPE"):
    """The request has another content type than the route takes."""


class RangeNotSatisfiable(Invalid, code="RANGE_NOT_SATISFIABLE"):
    """The range lies beyond the file."""


class ChecksumMismatch(Invalid, code="CHECKSUM_MISMATCH"):
    """The bytes are not those of the checksum."""


class UnsupportedChecksumAlgorithm(Invalid, code="UNSUPPORTED_CHECKSUM_ALGORITHM"):
    """The server does not know this checksum."""


class CorruptVideo(Invalid, code="CORRUPT_VIDEO"):
    """The file is damaged."""


class NoVideoStream(Invalid, code="NO_VIDEO_STREAM"):
    """The file has no picture."""


class LimitExceeded(Invalid, code="LIMIT_EXCEEDED"):
    """More pixels, seconds or streams than the server takes."""


class Exhausted(ClipzyError):
    """A limit of rate or quota; `retry_after_s` tells when to come again."""


class RateLimited(Exhausted, code="RATE_LIMITED"):
    """Too many requests."""


class QuotaExceeded(Exhausted, code="QUOTA_EXCEEDED"):
    """The owner has as many bytes or active jobs as it may have."""


class Unavailable(ClipzyError, code="UNAVAILABLE"):
    """Nobody answers there, or something the server needs does not answer it."""


class InsufficientStorage(Unavailable, code="INSUFFICIENT_STORAGE"):
    """The server's disk is full."""


class DeadlineExceeded(Unavailable, code="DEADLINE_EXCEEDED"):
    """No answer came in the time the call had."""


class NotImplementedHere(ClipzyError, code="NOT_IMPLEMENTED"):
    """The server does not have this."""


class InternalError(ClipzyError, code="INTERNAL_ERROR"):
    """The server failed; its log has more under the request id."""


class JobFailed(ClipzyError):
    """The job ended as `failed`; `detail` names the stage.

    Jobs fail with CORRUPT_VIDEO, INSUFFICIENT_STORAGE and INTERNAL_ERROR too.
    """


class JobTimeout(JobFailed, code="JOB_TIMEOUT"):
    """The job took longer than `PROCESSING_TIMEOUT_SECONDS`."""


class JobStalled(JobFailed, code="JOB_STALLED"):
    """A stage made no progress any more."""


class OutOfMemory(JobFailed, code="OUT_OF_MEMORY"):
    """A stage needed more memory than it may have."""


class RenderFailed(JobFailed, code="RENDER_FAILED"):
    """The output could not be rendered, or is not what it should be."""


class WorkerLost(JobFailed, code="WORKER_LOST"):
    """Workers died with this job too often."""


class JobCancelled(ClipzyError):
    """The job was cancelled before it was done."""


def error_for(
    code: str, message: str, detail: str, request_id: str | None = None, retry_after_s: float | None = None
) -> ClipzyError:
    """The error of a refused call: of the code's own class, ClipzyError for a code that is not known here."""
    kind = ClipzyError.kinds().get(code, ClipzyError)
    return kind(code, message, detail, request_id, retry_after_s)


def job_failure(code: str, message: str, stage: str | None) -> JobFailed:
    """The error of a job that failed."""
    kind = ClipzyError.kinds().get(code, JobFailed)
    told = f"in {stage}" if stage else "outside of every stage"
    return (kind if issubclass(kind, JobFailed) else JobFailed)(code, message, told)

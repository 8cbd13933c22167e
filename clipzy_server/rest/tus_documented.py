"""The headers of tus, as the OpenAPI document tells of them."""

from clipzy_server.domain.errors import ErrorCode
from clipzy_server.rest.documented import Answer, Parameter
from clipzy_server.rest.tus_headers import METADATA_KEYS
from clipzy_server.usecases.appending import CHECKSUM_ALGORITHMS

_BASE64 = "([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)"
_VERSION = {"tus-resumable": "`1.0.0`.", "tus-version": "`1.0.0`."}
_STATE = {
    **_VERSION,
    "upload-offset": "Bytes that are safely stored: where to go on.",
    "upload-expires": "When the upload is forgotten unless it is finished; gone once it is.",
    "clipzy-video-id": "The video; there once the upload is finished.",
    "cache-control": "`no-store`.",
}

TUS_RESUMABLE = Parameter("Tus-Resumable", "header", "The version of tus.", {"const": "1.0.0"}, required=True)
UPLOAD_LENGTH = Parameter(
    "Upload-Length",
    "header",
    "Bytes of the whole file.",
    {"type": "string", "pattern": "^[1-9][0-9]{0,17}$"},
    required=True,
    example="1234",
)
UPLOAD_OFFSET = Parameter(
    "Upload-Offset",
    "header",
    "Where these bytes belong: must be the upload's own.",
    {"type": "string", "pattern": "^[0-9]{1,18}$"},
    required=True,
    example="0",
)
UPLOAD_METADATA = Parameter(
    "Upload-Metadata",
    "header",
    "Comma-separated pairs of a key, a space and Base64: `filename`, `template_video_id`, `webhook_url`.",
    {"type": "string", "pattern": f"^$|^({'|'.join(METADATA_KEYS)})( {_BASE64})?(,|$)"},
    example="filename Zm9vdGFnZS5tcDQ=",
)
UPLOAD_CHECKSUM = Parameter(
    "Upload-Checksum",
    "header",
    f"What the bytes of this request must have: {', '.join(CHECKSUM_ALGORITHMS)}, a space, and the sum in Base64.",
    {"type": "string", "pattern": f"^({'|'.join(CHECKSUM_ALGORITHMS)}) {_BASE64}$"},
    example="sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
)

DESCRIBED = Answer(
    "What is spoken here.",
    status=204,
    headers={
        **_VERSION,
        "tus-extension": "The extensions, comma-separated.",
        "tus-max-size": "The most bytes a file may have.",
        "tus-checksum-algorithm": "The algorithms, comma-separated.",
    },
)
STARTED = Answer("The upload.", status=201, headers={**_STATE, "location": "Its path."})
FOUND = Answer(
    "How far it is.",
    headers={
        **_STATE,
        "upload-length": "Bytes of the whole file.",
        "upload-metadata": "As the creation sent it.",
    },
)
APPENDED = Answer("The bytes are stored.", status=204, headers=_STATE)
TERMINATED = Answer("It is gone.", status=204, headers=_VERSION)

STORING = (
    ErrorCode.MISSING_FIELD,
    ErrorCode.VIDEO_NOT_FOUND,
    ErrorCode.FILE_TOO_LARGE,
    ErrorCode.UNSUPPORTED_FORMAT,
    ErrorCode.CORRUPT_VIDEO,
    ErrorCode.NO_VIDEO_STREAM,
    ErrorCode.LIMIT_EXCEEDED,
    ErrorCode.QUOTA_EXCEEDED,
    ErrorCode.INSUFFICIENT_STORAGE,
)
"""What the storing of a file can fail with, a header that is not there among it."""

APPENDING = (
    *STORING,
    ErrorCode.UPLOAD_NOT_FOUND,
    ErrorCode.UPLOAD_OFFSET_CONFLICT,
    ErrorCode.UNSUPPORTED_TUS_VERSION,
    ErrorCode.CHECKSUM_MISMATCH,
    ErrorCode.UNSUPPORTED_CHECKSUM_ALGORITHM,
)
"""What appending, which may complete the file, can fail with."""

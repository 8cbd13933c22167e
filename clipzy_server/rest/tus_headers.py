"""What tus says in headers: the version, lengths and offsets, metadata, checksums, times."""

import base64
import binascii
import re
from collections.abc import Mapping
from email.utils import format_datetime

from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.domain.upload import Upload
from clipzy_server.rest.exchange import Context, request_header
from clipzy_server.usecases.appending import CHECKSUM_ALGORITHMS, Checksum
from clipzy_server.usecases.requests import UploadRequest

VERSION = "1.0.0"
EXTENSIONS = ("creation", "creation-with-upload", "expiration", "checksum", "termination")
OFFSET_STREAM = "application/offset+octet-stream"
# Well-known clients send the last four of their own accord; "name" is the name where there is no "filename".
METADATA_KEYS = ("filename", "template_video_id", "webhook_url", "name", "type", "filetype", "relativePath")
_MAX_METADATA_CHARACTERS = 8192
_MAX_DIGITS = 18


def require_version(context: Context) -> None:
    """Raises Invalid (UNSUPPORTED_TUS_VERSION) unless the caller speaks ours."""
    if request_header(context, "tus-resumable") != VERSION:
        detail = f"Tus-Resumable: must be {VERSION}."
        raise Invalid(ErrorCode.UNSUPPORTED_TUS_VERSION, "Unsupported tus version", detail)


def require_offset_stream(content_type: str) -> None:
    """Raises Invalid (UNSUPPORTED_MEDIA_TYPE) for a body of any other type."""
    if content_type.partition(";")[0].strip().lower() != OFFSET_STREAM:
        detail = f"The body must be sent as {OFFSET_STREAM}."
        raise Invalid(ErrorCode.UNSUPPORTED_MEDIA_TYPE, "Unsupported media type", detail)


def whole_number(context: Context, name: str) -> int:
    """The header's number of bytes; raises Invalid (MISSING_FIELD, VALIDATION_ERROR) naming it."""
    text = request_header(context, name.lower())
    if text is None:
        raise Invalid(ErrorCode.MISSING_FIELD, "A required header is missing", f"{name}: is required.")
    if not re.fullmatch(rf"[0-9]{{1,{_MAX_DIGITS}}}", text):
        raise _invalid(f"{name}: must be a whole number of bytes.")
    return int(text)


def upload_request(context: Context) -> UploadRequest:
    """What a creation announces; raises Invalid naming the header, or the key of the metadata, that is wrong."""
    for name in ("Upload-Defer-Length", "Upload-Concat"):
        if request_header(context, name.lower()) is not None:
            raise _invalid(f"{name}: this extension of tus is not offered.")
    size_bytes = whole_number(context, "Upload-Length")
    known = _metadata(request_header(context, "upload-metadata") or "")
    return UploadRequest(
        filename=known.get("filename") or known.get("name") or "",
        size_bytes=size_bytes,
        template_video_id=known.get("template_video_id") or None,
        webhook_url=known.get("webhook_url") or None,
    )


def _metadata(header: str) -> Mapping[str, str]:
    if len(header) > _MAX_METADATA_CHARACTERS:
        raise _invalid(f"Upload-Metadata: at most {_MAX_METADATA_CHARACTERS} characters.")
    found: dict[str, str] = {}
    for pair in filter(None, map(str.strip, header.split(","))):
        key, _, encoded = pair.partition(" ")
        if key not in METADATA_KEYS:
            raise _invalid(f"Upload-Metadata: {key[:100]}: unknown key.")
        if key in found:
            raise _invalid(f"Upload-Metadata: {key}: given more than once.")
        found[key] = _decoded(key, encoded)
    return found


def _decoded(key: str, encoded: str) -> str:
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _invalid(f"Upload-Metadata: {key}: must be Base64 of UTF-8.") from error
    # A file's name is cleaned where it is stored; anything else with control characters is a mistake.
    if key not in ("filename", "name") and not text.isprintable():
        raise _invalid(f"Upload-Metadata: {key}: must not contain control characters.")
    return text


def checksum_of(context: Context) -> Checksum | None:
    """`Upload-Checksum`, where it was sent; raises Invalid (UNSUPPORTED_CHECKSUM_ALGORITHM, VALIDATION_ERROR)."""
    header = request_header(context, "upload-checksum")
    if header is None:
        return None
    algorithm, _, encoded = header.partition(" ")
    if algorithm not in CHECKSUM_ALGORITHMS:
        detail = f"Upload-Checksum: the algorithm must be one of {', '.join(CHECKSUM_ALGORITHMS)}."
        raise Invalid(ErrorCode.UNSUPPORTED_CHECKSUM_ALGORITHM, "Unsupported checksum algorithm", detail)
    try:
        return Checksum(algorithm, base64.b64decode(encoded, validate=True))
    except binascii.Error as error:
        raise _invalid("Upload-Checksum: the checksum must be Base64.") from error


def abilities(max_file_bytes: int) -> dict[str, str]:
    """What of tus is spoken here."""
    return {
        "tus-extension": ",".join(EXTENSIONS),
        "tus-max-size": str(max_file_bytes),
        "tus-checksum-algorithm": ",".join(CHECKSUM_ALGORITHMS),
    }


def state_headers(upload: Upload) -> dict[str, str]:
    """How far the upload is, and until when; once it is finished, which video it has become."""
    headers = {"upload-offset": str(upload.offset_bytes), "cache-control": "no-store"}
    if upload.video_id is not None:
        return {**headers, "clipzy-video-id": upload.video_id}
    return {**headers, "upload-expires": format_datetime(upload.expires_at, usegmt=True)}


def _invalid(detail: str) -> Invalid:
    return Invalid(ErrorCode.VALIDATION_ERROR, "Invalid header", detail)

"""Opening a video file: its content decides the format, and nothing but this one file is ever read."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.media.file_rules import file_rules

HEAD_BYTES = 4096

# The demuxer that reads each format; FFmpeg is never asked to guess, so playlists can't be taken for videos.
_DEMUXERS = {
    "mp4": "mov,mp4,m4a,3gp,3g2,mj2",
    "mov": "mov,mp4,m4a,3gp,3g2,mj2",
    "avi": "avi",
    "mkv": "matroska,webm",
    "webm": "matroska,webm",
}
_ISO_BOXES = {b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid"}
_IMAGE_BRANDS = {b"avif", b"avis", b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"crx "}


@dataclass(frozen=True, slots=True)
class OpenVideo:
    """An open file, its published format name and the stream that is its picture. Close `container`."""

    container: InputContainer
    format: str
    stream: VideoStream

    @property
    def start_s(self) -> Fraction:
        """Where the file's own clock stands when the picture begins, seconds; the picture's time 0."""
        return (self.stream.start_time or 0) * self.time_base

    @property
    def time_base(self) -> Fraction:
        """Seconds per unit of the picture's time stamps."""
        return self.stream.time_base or Fraction(1, 90000)

    @property
    def pixel_aspect(self) -> Fraction:
        """Width of a pixel divided by its height; 1 where the file does not say."""
        aspect = self.stream.sample_aspect_ratio
        return aspect if aspect is not None and Fraction(1, 16) <= aspect <= 16 else Fraction(1)


def sniff(head: bytes) -> str | None:
    """The format that the first bytes of a file show: mp4, mov, mkv, webm, avi, or None for anything else."""
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "webm" if _document_type(head) == b"webm" else "mkv"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    if head[4:8] not in _ISO_BOXES:
        return None
    brand = head[8:12] if head[4:8] == b"ftyp" else b"qt  "
    if brand in _IMAGE_BRANDS:
        return None
    return "mov" if brand == b"qt  " else "mp4"


def open_video(path: str | Path) -> OpenVideo:
    """Open a file by its content. Raises Invalid: UNSUPPORTED_FORMAT, CORRUPT_VIDEO or NO_VIDEO_STREAM."""
    kind = _kind(path)
    container = open_container(path)
    try:
        stream = picture_stream(container)
        # A stream that grows on the way is stopped by the decoder itself.
        stream.codec_context.options = {"max_pixels": str(file_rules().max_pixels)}
        return OpenVideo(container, kind, stream)
    except Invalid:
        container.close()
        raise


def open_container(path: str | Path) -> InputContainer:
    """Open with the one demuxer of the content's format; other files and the network stay out of its reach.

    Raises Invalid: UNSUPPORTED_FORMAT or CORRUPT_VIDEO.
    """
    kind = _kind(path)
    demuxer = _DEMUXERS[kind]
    options = {"protocol_whitelist": "file", "format_whitelist": demuxer}
    if not file_rules().by_content:
        return _open_as_ffmpeg_guesses(path)
    try:
        return av.open(
            f"file:{Path(path)}",
            format=demuxer.split(",", maxsplit=1)[0],
            options=options,
            metadata_errors="replace",
        )
    except (av.FFmpegError, ValueError) as problem:
        raise Invalid(
            ErrorCode.CORRUPT_VIDEO, "The video file is damaged", f"its {kind} container cannot be read"
        ) from problem


def _kind(path: str | Path) -> str:
    with Path(path).open("rb") as file:
        kind = sniff(file.read(HEAD_BYTES))
    if kind is None and not file_rules().by_content:
        return "mp4"
    if kind is None:
        raise _unsupported()
    return kind


def _open_as_ffmpeg_guesses(path: str | Path) -> InputContainer:
    try:
        container = av.open(str(path), metadata_errors="replace")
    except (av.FFmpegError, ValueError) as problem:
        raise Invalid(ErrorCode.CORRUPT_VIDEO, "The video file is damaged", "FFmpeg cannot read it") from problem
    if container.format.name not in _DEMUXERS.values():
        container.close()
        raise _unsupported()
    return container


def _unsupported() -> Invalid:
    return Invalid(ErrorCode.UNSUPPORTED_FORMAT, "This is not a video of a supported format", ", ".join(_DEMUXERS))


def picture_stream(container: InputContainer) -> VideoStream:
    """The first picture stream, as players choose. Attached covers are no video; one without a decoder is refused."""
    pictures = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not pictures:
        raise Invalid(ErrorCode.NO_VIDEO_STREAM, "The file has no picture", "no video stream")
    decodable = [s for s in pictures if s.codec_context is not None]
    if not decodable:
        raise Invalid(ErrorCode.UNSUPPORTED_FORMAT, "The picture's codec is not supported", "unknown video codec")
    return decodable[0]


def _document_type(head: bytes) -> bytes:
    """The DocType of an EBML header; Matroska's default where it is not said."""
    at = head.find(b"\x42\x82")
    if at < 0 or at + 3 > len(head):
        return b"matroska"
    length = head[at + 2] & 0x7F
    return head[at + 3 : at + 3 + length].rstrip(b"\0")

"""What a video file says of itself, checked against its content; run on every upload, in the sandbox."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av import VideoFrame

from clipzy_server.domain.codec import to_plain
from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.domain.video import VideoMetadata
from clipzy_server.media.container import OpenVideo, open_video
from clipzy_server.media.file_rules import FileRules, file_rules
from clipzy_server.media.upright import quarter_turns, unturned_size

SAMPLED_PACKETS = 2000
SAMPLED_ENTRIES = 2000
MOST_OVERLAP = 2.0
"""Frames may share bytes, and a sample of them may be of the large ones."""
FIRST_FRAME_WITHIN_PACKETS = 300
INDEXED_FORMATS = ("mp4", "mov")
# Intervals off the usual one by more than this make a rate variable: file clocks round to their ticks.
OFF_SHARE = 0.01
HDR_TRANSFERS = (16, 18)
_PUBLISHED_CODEC = {"hevc": "h265"}


@dataclass(frozen=True, slots=True)
class PacketTimes:
    """Sorted display times (s) of the first packets of the picture; `complete` when these are all."""

    times_s: tuple[float, ...]
    last_duration_s: float
    complete: bool

    @property
    def usual_step_s(self) -> float | None:
        """Median interval between frames."""
        return float(np.median(np.diff(self.times_s))) if len(self.times_s) > 1 else None


def probe_task(payload: dict[str, Any], report: Callable[[float], None]) -> dict[str, Any]:
    """`probe` for the sandbox. Payload: path, filename."""
    metadata = probe(payload["path"])
    report(1.0)
    return to_plain(metadata)  # type: ignore[no-any-return]


def probe(path: str | Path, limits: FileRules | None = None) -> VideoMetadata:
    """Read a file's metadata and decode its first frame.

    Raises Invalid: UNSUPPORTED_FORMAT, CORRUPT_VIDEO, NO_VIDEO_STREAM, LIMIT_EXCEEDED.
    """
    limits = limits or file_rules()
    video = open_video(path)
    with video.container:
        stream = video.stream
        _check_size(video, limits)
        _check_complete(video, Path(path).stat().st_size)
        first, packets = _read(video)
        duration_s = _duration_s(video, packets)
        variable = is_variable(packets.times_s, float(video.time_base))
        frame_rate = _frame_rate(video, packets, variable)
        _check_length(duration_s, frame_rate, limits)
        width, height = unturned_size(first.width, first.height, video.pixel_aspect)
        turns = quarter_turns(first)
        if turns % 2:
            width, height = height, width
        audio_codec = _audio_codec(video)
        return VideoMetadata(
            width=width,
            height=height,
            duration_seconds=round(duration_s, 6),
            frame_rate=round(frame_rate, 6),
            codec=_codec_name(stream.codec_context.codec.canonical_name),
            bitrate_kbps=round(Path(path).stat().st_size * 8 / duration_s / 1000),
            format=video.format,
            has_audio=audio_codec is not None,
            audio_codec=audio_codec,
            is_variable_frame_rate=variable,
            is_hdr=int(first.color_trc) in HDR_TRANSFERS,
            rotation_degrees=-90 * turns % 360,
        )


def is_variable(times_s: tuple[float, ...], tick_s: float) -> bool:
    """Whether intervals between frames differ by more than rounding to the file's clock explains."""
    if len(times_s) < 3:
        return False
    steps_s = np.diff(times_s)
    usual_s = float(np.median(steps_s))
    off = np.abs(steps_s - usual_s) > max(2.01 * tick_s, 0.02 * usual_s)
    return bool(np.mean(off) > OFF_SHARE)


def _check_size(video: OpenVideo, limits: FileRules) -> None:
    streams = len(video.container.streams)
    if streams > limits.max_streams:
        raise Invalid(ErrorCode.LIMIT_EXCEEDED, "The file has too many streams", f"{streams} of {limits.max_streams}")
    context = video.stream.codec_context
    pixels = max(context.width * context.height, context.coded_width * context.coded_height)
    pixels = round(pixels * max(video.pixel_aspect, Fraction(1)))
    if pixels > limits.max_pixels:
        raise Invalid(ErrorCode.LIMIT_EXCEEDED, "The picture is too large", f"{pixels} pixels of {limits.max_pixels}")


def _check_length(duration_s: float, frame_rate: float, limits: FileRules) -> None:
    if duration_s > limits.max_seconds:
        detail = f"{duration_s:.0f} s of {limits.max_seconds:.0f} s"
        raise Invalid(ErrorCode.LIMIT_EXCEEDED, "The video is too long", detail)
    if frame_rate > limits.max_frame_rate:
        detail = f"{frame_rate:.0f} a second of {limits.max_frame_rate:.0f}"
        raise Invalid(ErrorCode.LIMIT_EXCEEDED, "The video has too many frames", detail)
    frames = round(duration_s * frame_rate)
    if frames > limits.max_frames:
        raise Invalid(ErrorCode.LIMIT_EXCEEDED, "The video has too many frames", f"{frames} of {limits.max_frames}")


def _check_complete(video: OpenVideo, size_bytes: int) -> None:
    """Refuse a file that breaks off: its index, where it has one at its start, tells of frames beyond its end.

    And one whose frames lie on top of each other: a small file that takes hours.
    """
    entries = video.stream.index_entries
    if video.format in INDEXED_FORMATS and len(entries) > 0:
        seen = range(0, len(entries), max(1, len(entries) // SAMPLED_ENTRIES))
        told_bytes = sum(entries[at].size for at in seen) * len(entries) / len(seen)
        if told_bytes > MOST_OVERLAP * size_bytes:
            detail = f"{told_bytes:.0f} bytes of frames in {size_bytes}"
            raise Invalid(ErrorCode.LIMIT_EXCEEDED, "The video has too many frames", detail)
        last = max(entry.pos + entry.size for entry in (entries[0], entries[len(entries) // 2], entries[-1]))
        if last > size_bytes:
            raise Invalid(
                ErrorCode.CORRUPT_VIDEO, "The video file is damaged", f"it breaks off: {size_bytes} of {last} bytes"
            )


def _read(video: OpenVideo) -> tuple[VideoFrame, PacketTimes]:
    """Decode the first frame and sample the times of the first packets, in one go."""
    first, stamps, last_duration, complete = None, [], 0, True
    video.stream.codec_context.thread_count = 1
    try:
        for count, packet in enumerate(video.container.demux(video.stream)):
            if count >= SAMPLED_PACKETS:
                complete = False
                break
            if first is None:
                first = _first_frame(packet)
                if first is None and count >= FIRST_FRAME_WITHIN_PACKETS:
                    break
            stamp = packet.pts if packet.pts is not None else packet.dts
            if packet.size > 0 and stamp is not None and not packet.is_discard:
                stamps.append(stamp)
                last_duration = packet.duration or last_duration
    except av.FFmpegError as problem:
        if first is None:
            raise _corrupt() from problem
    if first is None:
        raise _corrupt()
    start, base = video.start_s, video.time_base
    times_s = tuple(float(stamp * base - start) for stamp in sorted(set(stamps)))
    return first, PacketTimes(times_s, float(last_duration * base), complete)


def _first_frame(packet: "av.Packet[Any]") -> VideoFrame | None:
    try:
        frames = packet.decode()
    except av.InvalidDataError:
        return None
    return next((f for f in frames if isinstance(f, VideoFrame) and f.width > 0 and f.height > 0), None)


def _corrupt() -> Invalid:
    return Invalid(ErrorCode.CORRUPT_VIDEO, "The video file is damaged", "its first frames cannot be decoded")


def _duration_s(video: OpenVideo, packets: PacketTimes) -> float:
    """Length of the picture, seconds > 0: from its packets when all were read, else as the file says."""
    step_s = packets.last_duration_s or packets.usual_step_s or float(1 / (video.stream.average_rate or Fraction(25)))
    if packets.complete and packets.times_s:
        return max(packets.times_s[-1], 0.0) + step_s
    if video.stream.duration is not None and video.stream.duration > 0:
        return float(video.stream.duration * video.time_base)
    if video.container.duration is not None and video.container.duration > 0:
        return float(Fraction(video.container.duration, av.time_base))
    return _last_time_s(video) + step_s


def _last_time_s(video: OpenVideo) -> float:
    """Display time of the last packet; reads the file to its end."""
    last = 0
    try:
        for packet in video.container.demux(video.stream):
            last = max(last, packet.pts or 0)
    except av.FFmpegError as problem:
        raise _corrupt() from problem
    return max(0.0, float(last * video.time_base - video.start_s))


def _frame_rate(video: OpenVideo, packets: PacketTimes, variable: bool) -> float:
    """Mean frames per second; the file's own number where its time stamps agree with it to 1 %.

    They agree in the mean, or in the usual interval: an AVI may lack a frame at its start.
    """
    said = float(video.stream.average_rate or video.stream.guessed_rate or 0)
    times_s = packets.times_s
    if len(times_s) < 2:
        return said if 0 < said <= 1000 else 25.0
    measured = (len(times_s) - 1) / (times_s[-1] - times_s[0])
    if variable and packets.complete:
        return measured
    usual = 1 / packets.usual_step_s if packets.usual_step_s else measured
    if said > 0 and (variable or min(abs(said / measured - 1), abs(said / usual - 1)) <= 0.01):
        return said
    return measured


def _audio_codec(video: OpenVideo) -> str | None:
    decodable = [s.codec_context for s in video.container.streams.audio if s.codec_context is not None]
    return decodable[0].codec.canonical_name if decodable else None


def _codec_name(name: str) -> str:
    return _PUBLISHED_CODEC.get(name, name)

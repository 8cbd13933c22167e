"""The one decoder of Clipzy: a file in, frames out as a viewer sees them, for analysis and rendering alike."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av import VideoFrame
from numpy.typing import NDArray

from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.media.clock import PictureClock
from clipzy_server.media.colour_coding import PLAIN, linear_step
from clipzy_server.media.container import OpenVideo, open_video
from clipzy_server.media.file_rules import file_rules
from clipzy_server.media.normalise import Normaliser

# More than the cores of a small machine: each waits for the frames that its own refer to.
DECODER_THREADS = 4
USUAL_RATE = Fraction(25)
_UNSMOOTHED = {"skip_loop_filter": "noref"}

Plane = NDArray[np.uint8]
TimedPicture = tuple[Fraction, VideoFrame]


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture as displayed: rotation and pixel aspect applied, 8-bit BT.709 of limited range, 4:2:0.

    `time_s` counts from the start of the picture. `y` is uint8[height, width], `u` and `v` are
    uint8[⌈height/2⌉, ⌈width/2⌉], all C-contiguous. The planes may be the decoder's own buffers, which it still needs:
    read them, never write into them. `step`: what `colour_coding.linear_step` says the planes still need, None where
    nothing is left to do.
    """

    time_s: Fraction
    y: Plane
    u: Plane
    v: Plane
    step: NDArray[np.float64] | None = None


def decode(path: str | Path, start_s: Fraction | float = 0, *, as_coded: bool = False) -> Iterator[Frame]:
    """Frames in the order they are shown, from the one on display at `start_s` (seconds from the picture's start).

    With `as_coded`, 8-bit pictures of conventional gamma keep the file's matrix and range, and `step` tells what is
    left to do; and pictures that no other one refers to keep their block edges: cheaper, for frames that are reduced
    before they are measured. Broken frames are left out. Raises Invalid: UNSUPPORTED_FORMAT,
    NO_VIDEO_STREAM, or CORRUPT_VIDEO when nothing can be decoded.
    """
    video = open_video(path)
    with video.container:
        video.stream.thread_type = "AUTO"
        context = video.stream.codec_context
        context.thread_count = DECODER_THREADS
        if as_coded:
            context.options = {**context.options, **_UNSMOOTHED}
        normalise = None
        for time_s, picture in _on_display(video, Fraction(start_s)):
            if normalise is None:
                normalise = Normaliser(picture, video.pixel_aspect)
            yield _as_coded(time_s, normalise, picture) if as_coded else Frame(time_s, *normalise(picture))
    if normalise is None:
        raise Invalid(ErrorCode.CORRUPT_VIDEO, "The video cannot be decoded", "no frame could be decoded")


def _as_coded(time_s: Fraction, normalise: Normaliser, picture: VideoFrame) -> Frame:
    coded = normalise.as_coded(picture)
    if coded.signal == PLAIN:
        return Frame(time_s, *coded.planes)
    if coded.signal.bits == 8 and coded.signal.is_linear_step:
        return Frame(time_s, *coded.planes, linear_step(coded.signal))
    return Frame(time_s, *normalise(picture))


def _on_display(video: OpenVideo, start_s: Fraction) -> Iterator[TimedPicture]:
    """Frames from the one that shows at `start_s` on; the last frame when that lies past the end."""
    held = None
    for time_s, picture in _from_key_frame(video, start_s):
        if time_s <= start_s:
            held = time_s, picture
            continue
        if held is not None:
            yield held
            held = None
        yield time_s, picture
    if held is not None:
        yield held


def _from_key_frame(video: OpenVideo, start_s: Fraction) -> Iterator[TimedPicture]:
    """All frames from the key frame before `start_s` on, or from the beginning where the file cannot seek there."""
    if start_s > 0 and _seek(video, start_s):
        frames = _timed(video)
        first = next(frames, None)
        if first is not None and first[0] <= start_s:
            yield first
            yield from frames
            return
        _seek(video, Fraction(0))
    yield from _timed(video)


def _timed(video: OpenVideo) -> Iterator[TimedPicture]:
    rate = video.stream.average_rate or USUAL_RATE
    clock = PictureClock(video.time_base, video.start_s, 1 / rate)
    for picture in _pictures(video):
        yield clock.time_s(picture.pts if picture.pts is not None else picture.dts), picture


def _seek(video: OpenVideo, time_s: Fraction) -> bool:
    try:
        video.container.seek(int((time_s + video.start_s) / video.time_base), stream=video.stream)
    except av.FFmpegError:
        return False
    return True


def _pictures(video: OpenVideo) -> Iterator[VideoFrame]:
    """Every frame that decodes; what is broken is left out, a container that breaks off ends the picture."""
    packets = video.container.demux(video.stream)
    count, most = 0, file_rules().max_frames
    while count <= most:
        try:
            packet = next(packets, None)
            frames = [] if packet is None else packet.decode()
        except av.InvalidDataError:
            continue
        except av.FFmpegError:
            return
        if packet is None:
            return
        count += len(frames)
        yield from (frame for frame in frames if isinstance(frame, VideoFrame) and frame.width > 0)
    raise Invalid(ErrorCode.LIMIT_EXCEEDED, "The video has too many frames", f"more than {most}")

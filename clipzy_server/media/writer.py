"""The one writer of Clipzy: planes and samples in, an MP4 out that every player shows alike.

H.264 (libx264), 8-bit 4:2:0, tagged BT.709 limited range, constant rate by exact rational time stamps, square pixels;
AAC-LC stereo 48 kHz at 192 kbit/s; the index before the media, nothing of the clock or the machine in the file, so that
equal input gives equal bytes. Quality: low = veryfast, crf 26; medium = faster, crf 22; high = medium, crf 18.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
import numpy.typing as npt

from clipzy_server.domain.job import Quality
from clipzy_server.domain.plan import OutputFormat

SOUND_RATE_HZ = 48000
_SOUND_BITS_PER_S = 192_000
_AAC_FRAME = 1024
_PRESETS = {Quality.LOW: ("veryfast", 26), Quality.MEDIUM: ("faster", 22), Quality.HIGH: ("medium", 18)}
# The number of threads changes the bytes x264 writes, so it must not depend on the machine.
_ENCODER_THREADS = 4
# x264's fastest code for some processors reads memory it never filled (macroblock tree, AVX-512), which changes a few
# choices from run to run for widths that are no multiple of 128; code that all processors share does not.
_EXACT = "cpu-independent=1"
_KEY_FRAME_EVERY_S = 5
_BT709 = 1
_LIMITED_RANGE = 1


class Mp4Writer:
    """Writes one file; a context manager. Pictures and sound may be given in any order: they lie side by side in the
    file, and what is ahead waits, encoded, in memory.

    With `like`, a file of this writer, pictures are copied from such files instead of encoded.
    """

    def __init__(
        self, path: str | Path, output: OutputFormat, *, has_sound: bool, like: str | Path | None = None
    ) -> None:
        self._output = output
        self._encodes = like is None
        # Without a limit to what waits, the order in the file depends on the time stamps alone.
        options = {"movflags": "+faststart", "fflags": "+bitexact", "max_interleave_delta": "0"}
        self._container = av.open(str(path), "w", format="mp4", options=options)
        self._video = self._add_video(output) if like is None else self._add_copied(like)
        self._audio = self._add_audio() if has_sound else None
        self._pictures = 0
        self._samples = 0
        self._rest = np.empty((2, 0), np.float32)

    def write_picture(self, planes: npt.NDArray[np.uint8]) -> None:
        """The next picture: uint8[h · 3/2, w], Y, U and V one after the other."""
        # Copied: a frame laid over the array itself would take heights for multiples of 4 and misplace the chroma.
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = self._pictures, 1 / self._output.frame_rate
        frame.color_range = _LIMITED_RANGE
        frame.colorspace = _BT709
        frame.color_primaries = _BT709
        frame.color_trc = _BT709
        self._pictures += 1
        self._container.mux(self._video.encode(frame))

    def copy_pictures(self, path: str | Path) -> Iterator[int]:
        """Copies the pictures of another file behind those there are; gives the number of pictures so far, again and
        again.
        """
        with av.open(str(path)) as source:
            stream = source.streams.video[0]
            step = 1 / (self._output.frame_rate * _time_base_of(stream))
            offset = round(self._pictures * step)
            for packet in source.demux(stream):
                if packet.dts is None or packet.pts is None:
                    continue
                packet.dts, packet.pts, packet.stream = packet.dts + offset, packet.pts + offset, self._video
                self._container.mux(packet)
                self._pictures += 1
                yield self._pictures

    def write_sound(self, samples: npt.NDArray[np.float32]) -> None:
        """The next samples: float32[2, n] at 48 kHz, −1…1. Raises ValueError for a writer without sound."""
        pending = np.concatenate([self._rest, samples], axis=1) if self._rest.shape[1] else samples
        whole = pending.shape[1] // _AAC_FRAME * _AAC_FRAME
        for first in range(0, whole, _AAC_FRAME):
            self._encode_sound(pending[:, first : first + _AAC_FRAME])
        self._rest = np.array(pending[:, whole:])

    def close(self) -> None:
        """Writes what is left and the index."""
        if self._encodes:
            self._container.mux(self._video.encode(None))
        if self._audio is not None:
            if self._rest.shape[1]:
                self._encode_sound(self._rest)
            self._container.mux(self._audio.encode(None))
        self._container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._container.close()

    def _add_video(self, output: OutputFormat) -> av.VideoStream:
        preset, crf = _PRESETS[output.quality]
        interval = max(1, round(output.frame_rate * _KEY_FRAME_EVERY_S))
        options = {"preset": preset, "crf": str(crf), "threads": str(_ENCODER_THREADS), "g": str(interval)}
        options["x264-params"] = _EXACT
        stream = self._container.add_stream("libx264", rate=output.frame_rate, options=options)
        stream.width, stream.height, stream.pix_fmt = output.width, output.height, "yuv420p"
        context = stream.codec_context
        # Whole frames at once; slices of one frame would cost quality.
        context.thread_type = "FRAME"
        context.time_base = 1 / output.frame_rate
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = _LIMITED_RANGE
        stream.time_base = 1 / output.frame_rate
        return stream

    def _add_copied(self, like: str | Path) -> av.VideoStream:
        with av.open(str(like)) as source:
            stream = self._container.add_stream_from_template(source.streams.video[0])
            stream.time_base = _time_base_of(source.streams.video[0])
        return stream

    def _add_audio(self) -> av.AudioStream:
        stream = self._container.add_stream("aac", rate=SOUND_RATE_HZ, layout="stereo")
        stream.bit_rate = _SOUND_BITS_PER_S
        return stream

    def _encode_sound(self, samples: npt.NDArray[np.float32]) -> None:
        if self._audio is None:
            raise ValueError("sound given to a writer without a sound track")
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="stereo")
        frame.sample_rate = SOUND_RATE_HZ
        frame.pts, frame.time_base = self._samples, Fraction(1, SOUND_RATE_HZ)
        self._samples += samples.shape[1]
        self._container.mux(self._audio.encode(frame))


def _time_base_of(stream: av.VideoStream) -> Fraction:
    if stream.time_base is None:
        raise ValueError("a stream without a time base")
    return stream.time_base

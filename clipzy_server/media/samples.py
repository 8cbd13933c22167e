"""The sound of a video as float32 samples on the picture's clock, streamed in blocks.

Sample 0 is the moment of the first picture. Sound that starts later begins with silence, sound that starts earlier
loses its beginning, holes inside are filled with silence, packets that cannot be decoded are skipped: a sample's
place in the stream always tells its time. Memory does not depend on the length.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
import soxr
from av.error import FFmpegError

from clipzy_server.media.container import open_container
from clipzy_server.media.file_rules import file_rules

Samples = npt.NDArray[np.float32]

MAX_CHANNELS = 24
# Time stamps of containers are rounded to as much as 1 ms and jitter; only larger steps are real holes.
_HOLE_S = 0.02
_BLOCK_S = 0.5
# ITU-R BS.775: centre and surrounds at −3 dB into both or their own side; the effects channel is left out.
_HALF_POWER = float(np.sqrt(0.5))
_SIDES = {
    "FL": (1.0, 0.0),
    "FR": (0.0, 1.0),
    "FC": (_HALF_POWER, _HALF_POWER),
    "LFE": (0.0, 0.0),
    "LFE2": (0.0, 0.0),
    "BL": (_HALF_POWER, 0.0),
    "BR": (0.0, _HALF_POWER),
    "SL": (_HALF_POWER, 0.0),
    "SR": (0.0, _HALF_POWER),
    "BC": (0.5, 0.5),
    "FLC": (1.0, 0.0),
    "FRC": (0.0, 1.0),
    "DL": (1.0, 0.0),
    "DR": (0.0, 1.0),
}

_USUAL_LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """The first sound stream of a file. `picture_start_s` is the time of the first picture on the file's clock."""

    path: str
    rate_hz: int
    channels: int
    layout: str
    picture_start_s: Fraction
    duration_s: float | None


def find_sound(path: str) -> SoundTrack | None:
    """What is to be heard in a file, or None when it has no sound that can be decoded."""
    with open_container(path) as container:
        if not container.streams.audio:
            return None
        stream = container.streams.audio[0]
        context = stream.codec_context
        if context is None or not context.rate or not 0 < context.channels <= MAX_CHANNELS:
            return None
        duration_s = container.duration / av.time_base if container.duration else None
        layout = _named(context.layout)
        start_s = _picture_start_s(container)
        return SoundTrack(path, context.rate, context.channels, layout, start_s, duration_s)


def _named(layout: av.AudioLayout) -> str:
    """The layout's name; where a file only counts its channels, the usual layout of so many."""
    is_known = all(channel.name in _SIDES for channel in layout.channels)
    return layout.name if is_known else _USUAL_LAYOUTS.get(layout.nb_channels, layout.name)


def _picture_start_s(container: av.container.InputContainer) -> Fraction:
    for stream in container.streams.video:
        if stream.start_time is not None and stream.time_base is not None:
            return stream.start_time * stream.time_base
    return Fraction(container.start_time or 0, av.time_base)


def sound_blocks(track: SoundTrack) -> Iterator[Samples]:
    """Blocks [channels, n] of about half a second at the track's own rate and layout; full scale is ±1."""
    gathered: list[Samples] = []
    size = 0
    for piece in _placed(track):
        gathered.append(piece)
        size += piece.shape[1]
        if size >= _BLOCK_S * track.rate_hz:
            yield np.concatenate(gathered, axis=1)
            gathered, size = [], 0
    if gathered:
        yield np.concatenate(gathered, axis=1)


def _placed(track: SoundTrack) -> Iterator[Samples]:
    """Pieces in order, with holes filled and overlaps dropped, so that their sum is the clock."""
    written = 0
    hole = round(_HOLE_S * track.rate_hz)
    longest = round(min((track.duration_s or 60.0) + 1.0, file_rules().max_seconds) * track.rate_hz)
    most = round(file_rules().max_seconds * track.rate_hz)
    is_first = True
    for start, piece in _decoded(track):
        if written > most:
            return
        ahead = 0 if start is None else start - written
        if ahead > longest or (not is_first and abs(ahead) <= hole):
            ahead = 0
        while ahead > 0:
            silence = np.zeros((track.channels, min(ahead, track.rate_hz)), np.float32)
            yield silence
            written += silence.shape[1]
            ahead -= silence.shape[1]
        kept = piece[:, -ahead:] if ahead < 0 else piece
        if kept.shape[1]:
            is_first = False
            yield kept
            written += kept.shape[1]


def _decoded(track: SoundTrack) -> Iterator[tuple[int | None, Samples]]:
    """Start on the picture's clock, in samples, and samples [channels, n] of every frame that can be decoded."""
    with open_container(track.path) as container:
        converter = _Converter(track)
        tick_s = container.streams.audio[0].time_base or Fraction(1, track.rate_hz)
        tick, origin = tick_s * track.rate_hz, track.picture_start_s * track.rate_hz
        for frame in _frames(container):
            start = None if frame.pts is None else _nearest(frame.pts, tick, origin)
            for samples in converter.push(frame):
                yield start, samples
                start = None


def _nearest(pts: int, tick: Fraction, origin: Fraction) -> int:
    """The integer nearest to pts · tick − origin, without making fractions: there are many frames."""
    whole = 2 * tick.denominator * origin.denominator
    twice = 2 * (pts * tick.numerator * origin.denominator - origin.numerator * tick.denominator)
    return (twice + whole // 2) // whole


def _frames(container: av.container.InputContainer) -> Iterator[av.AudioFrame]:
    packets = container.demux(container.streams.audio[0])
    while True:
        try:
            packet = next(packets)
        except (StopIteration, FFmpegError):
            return
        try:
            frames = packet.decode()
        except FFmpegError:
            # A broken packet leaves a hole, which the next frame's time stamp shows.
            continue
        for frame in frames:
            if isinstance(frame, av.AudioFrame) and frame.samples:
                yield frame


class _Converter:
    """Any sample format, and rates or layouts that change on the way, to planar float of the track."""

    def __init__(self, track: SoundTrack) -> None:
        self._track = track
        self._kind: tuple[str, str, int] | None = None
        self._resampler: av.AudioResampler | None = None

    def push(self, frame: av.AudioFrame) -> list[Samples]:
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        same_channels = frame.layout.nb_channels == self._track.channels
        if frame.format.name == "fltp" and same_channels and frame.sample_rate == self._track.rate_hz:
            return [_planes(frame)]
        if kind != self._kind or self._resampler is None:
            self._kind = kind
            layout = frame.layout.name if same_channels else self._track.layout
            self._resampler = av.AudioResampler("fltp", layout, self._track.rate_hz)
        frame.pts = None
        return [_planes(part) for part in self._resampler.resample(frame)]


def _planes(frame: av.AudioFrame) -> Samples:
    """The samples [channels, n] of a frame of planar floats."""
    samples = np.empty((len(frame.planes), frame.samples), np.float32)
    for channel, plane in zip(samples, frame.planes, strict=True):
        channel[:] = np.frombuffer(memoryview(plane), np.float32, frame.samples)
    return samples


def stereo_matrix(track: SoundTrack) -> Samples:
    """Weights [2, channels] that fold the track down to left and right.

    A single channel goes to both sides at −3 dB, which keeps the loudness that a meter reads.
    """
    if track.channels == 2:
        return np.eye(2, dtype=np.float32)
    names = [channel.name for channel in av.AudioLayout(track.layout).channels] if track.channels > 1 else ["FC"]
    return np.array([_SIDES.get(name, (0.5, 0.5)) for name in names], np.float32).T


def stereo(track: SoundTrack, blocks: Iterable[Samples]) -> Iterator[Samples]:
    """Blocks [channels, n] folded down to [2, n]."""
    matrix = stereo_matrix(track)
    for block in blocks:
        yield block if track.channels == 2 else matrix @ block


def mono(block: Samples) -> Samples:
    """The mean [n] of a block's channels."""
    return np.asarray(block.mean(axis=0), np.float32)


class Resampling:
    """Streaming conversion of [channels, n] blocks to another rate."""

    def __init__(self, from_hz: int, to_hz: int, channels: int) -> None:
        self._stream = None if from_hz == to_hz else soxr.ResampleStream(from_hz, to_hz, channels, dtype="float32")
        self._channels = channels

    def push(self, block: Samples) -> Samples:
        """What of the converted sound is complete so far."""
        return block if self._stream is None else self._convert(block, last=False)

    def finish(self) -> Samples:
        """The rest."""
        empty = np.zeros((self._channels, 0), np.float32)
        return empty if self._stream is None else self._convert(empty, last=True)

    def _convert(self, block: Samples, *, last: bool) -> Samples:
        interleaved = np.ascontiguousarray(block.T)
        converted = self._stream.resample_chunk(interleaved, last=last)  # type: ignore[union-attr]
        return np.asarray(converted, np.float32).reshape(-1, self._channels).T


def resampled(blocks: Iterable[Samples], from_hz: int, to_hz: int) -> Iterator[Samples]:
    """Blocks at another rate, none of them empty."""
    conversion: Resampling | None = None
    for block in blocks:
        conversion = conversion or Resampling(from_hz, to_hz, block.shape[0])
        converted = conversion.push(block)
        if converted.shape[1]:
            yield converted
    if conversion is not None:
        rest = conversion.finish()
        if rest.shape[1]:
            yield rest

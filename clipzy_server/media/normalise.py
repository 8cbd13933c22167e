"""From a decoded frame, whatever its layout, range, matrix, depth, rotation and pixel aspect, to plain planes."""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

import numpy as np
from av import VideoFormat, VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from clipzy_server.media.colour_coding import PLAIN, ColourTags, Signal, interpret, light_table, linear_step
from clipzy_server.media.kernels.convert import apply_light_table, apply_linear_step
from clipzy_server.media.upright import quarter_turns, unturned_size

Plane = NDArray[np.uint8]
Planes = tuple[Plane, Plane, Plane]


@dataclass(frozen=True, slots=True)
class Coded:
    """Planes of 4:2:0 as displayed, and how their samples stand for colours."""

    planes: Planes
    signal: Signal


class Normaliser:
    """Makes all frames of one picture alike: the size, rotation and pixel aspect of the first frame hold for all.

    Called with a frame, gives Y uint8[h, w] and U, V uint8[⌈h/2⌉, ⌈w/2⌉] as displayed, 8-bit BT.709 limited.
    A frame that is already so passes without a conversion.
    """

    def __init__(self, first: VideoFrame, pixel_aspect: Fraction) -> None:
        self._turn = quarter_turns(first)
        self._width, self._height = unturned_size(first.width, first.height, pixel_aspect)

    def __call__(self, frame: VideoFrame) -> Planes:
        """The frame's planes; they may be the frame's own memory."""
        coded = self.as_coded(frame)
        return coded.planes if coded.signal == PLAIN else _convert(coded)

    def as_coded(self, frame: VideoFrame) -> Coded:
        """The frame's planes in the coding they came in, and which that is."""
        if frame.format.is_rgb or frame.format.has_palette:
            return Coded(self._turned(self._from_rgb(frame)), PLAIN)
        planes, signal = self._as_420(frame)
        return Coded(self._turned(planes), signal)

    def _from_rgb(self, frame: VideoFrame) -> Planes:
        flat = frame.reformat(
            self._width, self._height, "yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
        )
        return _planes(flat)

    def _as_420(self, frame: VideoFrame) -> tuple[Planes, Signal]:
        tags = ColourTags(
            int(frame.colorspace), int(frame.color_trc), int(frame.color_primaries), int(frame.color_range)
        )
        signal, layout = _coding(frame.format.name, tags)
        if frame.format.name != layout or (frame.width, frame.height) != (self._width, self._height):
            kind = ColorRange.JPEG if signal.full_range else ColorRange.MPEG
            frame = frame.reformat(
                self._width,
                self._height,
                layout,
                src_colorspace=Colorspace.ITU709,
                dst_colorspace=Colorspace.ITU709,
                src_color_range=kind,
                dst_color_range=kind,
            )
        return _planes(frame, signal.bits), signal

    def _turned(self, planes: Planes) -> Planes:
        if self._turn == 0:
            return planes
        y, u, v = (np.ascontiguousarray(np.rot90(plane, self._turn)) for plane in planes)
        return y, u, v


@lru_cache(maxsize=64)
def _coding(format_name: str, tags: ColourTags) -> tuple[Signal, str]:
    """What the samples of a format of FFmpeg's stand for, and the name of the 4:2:0 format they are read in."""
    bits = VideoFormat(format_name).components[0].bits
    full = format_name.startswith("yuvj")
    if full:
        tags = replace(tags, color_range=2)
    signal = interpret(tags, 8 if bits <= 8 else (10 if bits <= 10 else 12))
    return signal, {8: "yuvj420p" if full else "yuv420p", 10: "yuv420p10le", 12: "yuv420p12le"}[signal.bits]


def _planes(frame: VideoFrame, bits: int = 8) -> Planes:
    """The three planes without their line padding; uint16 in `frame`s of more than 8 bits."""
    half = (frame.height + 1) // 2, (frame.width + 1) // 2
    sizes = (frame.height, frame.width), half, half
    y, u, v = (_plane(plane, *size, bits) for plane, size in zip(frame.planes, sizes, strict=True))
    return y, u, v


def _plane(plane, rows: int, columns: int, bits: int) -> Plane:  # type: ignore[no-untyped-def]
    samples = np.frombuffer(plane, np.uint8 if bits <= 8 else np.uint16)
    stride = plane.line_size // samples.itemsize
    return np.ascontiguousarray(samples[: rows * stride].reshape(rows, stride)[:, :columns])


def _convert(coded: Coded) -> Planes:
    planes, signal = coded.planes, coded.signal
    out = tuple(np.empty(plane.shape, np.uint8) for plane in planes)
    if signal.is_linear_step:
        apply_linear_step(*planes, linear_step(signal), 2 ** (signal.bits - 1), *out)
    else:
        apply_light_table(*planes, light_table(signal), 2**signal.bits - 1, *out)
    return out[0], out[1], out[2]

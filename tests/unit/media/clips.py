"""Small videos made for tests, with everything about them known."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np


def write_video(  # noqa: PLR0917
    path: Path,
    pictures,
    rate=25,
    pix_fmt="yuv420p",
    codec="libx264",
    pts=None,
    sar=None,
    turn=0,
    tags=None,
    options=None,
):
    """Pictures are lists of planes as the pixel format has them (or uint8 RGB arrays); `pts` in 1/1000 s."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=rate)
        usual = {"libx264": {"preset": "ultrafast", "qp": "4"}, "libx265": {"x265-params": "log-level=none:crf=8"}}
        stream.options = options or usual.get(codec, {})
        first = as_frame(pictures[0], pix_fmt)
        stream.width, stream.height, stream.pix_fmt = first.width, first.height, pix_fmt
        stream.codec_context.thread_count = 1
        if sar:
            stream.codec_context.sample_aspect_ratio = Fraction(sar)
        if turn:
            stream.set_display_rotation(turn)
        if pts is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        for name, value in (tags or {}).items():
            setattr(stream.codec_context, name, value)
        for number, picture in enumerate(pictures):
            frame = as_frame(picture, pix_fmt)
            frame.color_range = (tags or {}).get("color_range", 1)
            if pts is not None:
                frame.pts, frame.time_base = pts[number], Fraction(1, 1000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def as_frame(picture, pix_fmt):
    """An av frame of one picture; planes are copied line by line, whatever the padding."""
    if isinstance(picture, np.ndarray):
        return av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgb24").reformat(
            format=pix_fmt, dst_colorspace="ITU709", dst_color_range="MPEG"
        )
    height, width = picture[0].shape
    frame = av.VideoFrame(width, height, pix_fmt)
    for plane, samples in zip(frame.planes, picture, strict=True):
        room = np.zeros((plane.height, plane.line_size // samples.itemsize), samples.dtype)
        room[:, : samples.shape[1]] = samples
        plane.update(room.tobytes())
    return frame


def write_sound(path: Path, seconds=0.5):
    """A file without a picture."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=48000)
        stream.layout = "mono"
        samples = np.zeros((1, int(48000 * seconds)), np.float32)
        frame = av.AudioFrame.from_ndarray(samples, "fltp", "mono")
        frame.sample_rate, frame.pts = 48000, 0
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def scene(seed: int, height=90, width=160):
    """uint8[height, width, 3]: a picture with detail at several scales; no two seeds are alike."""
    rng = np.random.default_rng(seed)
    out = np.full((height, width, 3), rng.uniform(90, 160), np.float32)
    for cells, strength in ((4, 55), (9, 35), (20, 20)):
        small = rng.normal(0, strength, (cells, cells * 2, 1)) + rng.normal(0, strength / 3, (cells, cells * 2, 3))
        rows = np.linspace(0, cells - 1.001, height)
        columns = np.linspace(0, cells * 2 - 1.001, width)
        low_y, low_x = rows.astype(int), columns.astype(int)
        fy, fx = (rows - low_y)[:, None, None], (columns - low_x)[None, :, None]
        upper = small[low_y][:, low_x] * (1 - fx) + small[low_y][:, low_x + 1] * fx
        lower = small[low_y + 1][:, low_x] * (1 - fx) + small[low_y + 1][:, low_x + 1] * fx
        out += upper * (1 - fy) + lower * fy
    return np.clip(out, 0, 255).astype(np.uint8)

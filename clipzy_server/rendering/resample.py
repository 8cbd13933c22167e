"""A window of one picture as a picture of another size, to fractions of a pixel.

Separable cubic convolution (Keys 1981, a = −1/2), widened where the picture shrinks so that nothing aliases. Chroma
samples of 4:2:0 lie on the left luma column and between two luma rows (BT.709, MPEG-2 siting), and stay there.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clipzy_server.rendering.kernels.resample import resample_columns, resample_rows

Plane = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a picture in luma pixels: left, top, width, height; fractional, inside the picture."""

    x: float
    y: float
    width: float
    height: float

    def is_still_copy(self, width_px: int, height_px: int) -> bool:
        """Whether pixels can be copied to an output of this size as they are: no scaling, even places."""
        scaled = self.width != width_px or self.height != height_px
        return not scaled and self.x % 2 == 0 and self.y % 2 == 0


@dataclass(frozen=True, slots=True)
class Picture:
    """Planes of a 4:2:0 picture: `y` uint8[h, w], `u` and `v` uint8[⌈h/2⌉, ⌈w/2⌉]; 8-bit BT.709, limited range."""

    y: Plane
    u: Plane
    v: Plane
    buffer: Plane

    @classmethod
    def empty(cls, width_px: int, height_px: int) -> "Picture":
        """A picture of even size on one contiguous buffer uint8[h · 3/2, w], the planes one after the other."""
        buffer = np.empty((height_px * 3 // 2, width_px), np.uint8)
        flat = buffer.reshape(-1)
        size, quarter = width_px * height_px, width_px * height_px // 4
        half = (height_px // 2, width_px // 2)
        y, u, v = flat[:size], flat[size : size + quarter], flat[size + quarter :]
        return cls(y.reshape(height_px, width_px), u.reshape(half), v.reshape(half), buffer)

    @property
    def planes(self) -> tuple[Plane, Plane, Plane]:
        """Luma and both chroma planes."""
        return self.y, self.u, self.v


def cut_out(source: tuple[Plane, Plane, Plane], window: Window, out: Picture) -> None:
    """Fills `out` with the window of the source planes (see `Picture`)."""
    height, width = out.y.shape
    if window.is_still_copy(width, height):
        left, top = int(window.x), int(window.y)
        out.y[:] = source[0][top : top + height, left : left + width]
        for plane, made in zip(source[1:], (out.u, out.v), strict=True):
            made[:] = plane[top // 2 : (top + height) // 2, left // 2 : (left + width) // 2]
        return
    step = (window.width / width, window.height / height)
    _resample(source[0], (window.x + step[0] / 2 - 0.5, step[0]), (window.y + step[1] / 2 - 0.5, step[1]), out.y)
    across = ((window.x + step[0] / 2 - 0.5) / 2, step[0])
    down = ((window.y + step[1] - 1) / 2, step[1])
    _resample(source[1], across, down, out.u)
    _resample(source[2], across, down, out.v)


def _resample(source: Plane, across: tuple[float, float], down: tuple[float, float], out: Plane) -> None:
    """Output sample n lies at first + n · step of the source's samples, in each direction."""
    columns, column_weights = _taps(*across, out.shape[1], source.shape[1])
    rows, row_weights = _taps(*down, out.shape[0], source.shape[0])
    first = int(rows.min())
    between = np.empty((int(rows.max()) + row_weights.shape[1] - first, out.shape[1]), np.float32)
    resample_rows(source, first, columns, column_weights, between)
    resample_columns(between, rows - first, row_weights, out)


def _taps(first: float, step: float, count: int, size: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """For `count` places the first of the neighbouring samples (of `size`) and their weights, which sum to 1."""
    stretch = max(1.0, step)
    reach = math.ceil(2 * stretch)
    taps = min(2 * reach, size)
    places = first + step * np.arange(count)
    wanted = np.floor(places).astype(np.int64)[:, None] + np.arange(1 - reach, 1 + reach)
    weights = _cubic((wanted - places[:, None]) / stretch)
    starts = np.clip(wanted[:, 0], 0, size - taps)
    folded = np.zeros((count, taps))
    columns = np.clip(wanted, 0, size - 1) - starts[:, None]
    np.add.at(folded, (np.arange(count)[:, None], np.clip(columns, 0, taps - 1)), weights)
    return starts, (folded / folded.sum(1, keepdims=True)).astype(np.float32)


def _cubic(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    x = np.abs(x)
    near = 1.5 * x**3 - 2.5 * x**2 + 1
    far = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))

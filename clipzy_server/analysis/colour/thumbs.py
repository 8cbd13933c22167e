"""Which pixels of a video's thumbnails count for its colours."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from clipzy_server.domain.oklab import Floats, oklab_from_rgb, rgb_from_planes

Bytes = npt.NDArray[np.uint8]

MAX_FRAMES = 64
# What is made of so many stays in the processor's cache.
_FRAMES_AT_ONCE = 4
_BAR_LUMA, _BAR_RANGE = 60, 8
_BLANK_SPREAD_CODES = 3.0
# A frame of which so large a share is one tone is a title or a caption card.
_CARD_SHARE = 0.85


@dataclass(frozen=True, slots=True)
class Thumbs:
    """The reduced frames of one video: `times` float64 [N] s, `y` uint8 [N, h, w], `u` and `v` uint8 [N, h/2, w/2].

    Code values are 8-bit BT.709 of limited range.
    """

    times: npt.NDArray[np.float64]
    y: Bytes
    u: Bytes
    v: Bytes

    @classmethod
    def open(cls, folder: Path) -> "Thumbs":
        """Memory-maps a folder of features. Raises FileNotFoundError when there are none."""
        times = np.load(folder / "times.npy", mmap_mode="r")
        planes = [np.load(folder / f"thumb_{plane}.npy", mmap_mode="r") for plane in "yuv"]
        return cls(times, *planes)


@dataclass(frozen=True, slots=True)
class FrameColors:
    """Frames chosen for measuring: `lab` float32 [F, n, 3] in OkLab, `frames` their numbers.

    `usable_share` is the share of chosen frames that show something: not one even tone.
    `dark_clip` and `bright_clip` are the shares of pixels at an end of the scale, `noise_codes` the temporal noise.
    """

    lab: Floats
    frames: npt.NDArray[np.int64]
    usable_share: float
    dark_clip: float
    bright_clip: float
    noise_codes: float


def read_colors(thumbs: Thumbs, frames: npt.ArrayLike | None = None) -> FrameColors:
    """At most 64 frames, evenly spaced over `frames` (default: all), without blank frames and without black bars."""
    wanted = np.arange(len(thumbs.y)) if frames is None else np.asarray(frames, np.int64)
    if len(wanted) == 0:
        raise ValueError("no frame to measure colours of")
    chosen = wanted[np.unique(np.linspace(0, len(wanted) - 1, min(MAX_FRAMES, len(wanted))).round().astype(int))]
    luma = np.asarray(thumbs.y[chosen])
    shown = ~_blank(luma)
    kept = chosen[shown] if shown.any() else chosen
    luma = luma[shown] if shown.any() else luma
    top, bottom, left, right = picture_box(luma)
    box = (slice(None), slice(top, bottom), slice(left, right))
    seen = luma[box]
    lab = np.empty((len(kept), seen[0].size, 3), np.float32)
    for first in range(0, len(kept), _FRAMES_AT_ONCE):
        part = slice(first, first + _FRAMES_AT_ONCE)
        full = [np.repeat(np.repeat(plane[kept[part]], 2, axis=1), 2, axis=2)[box] for plane in (thumbs.u, thumbs.v)]
        lab[part] = oklab_from_rgb(rgb_from_planes(seen[part], *full)).reshape(len(lab[part]), -1, 3)
    dark, bright = float((seen <= 17).mean()), float((seen >= 234).mean())
    return FrameColors(lab, kept, float(shown.mean()), dark, bright, temporal_noise(thumbs, kept))


def _blank(luma: Bytes) -> npt.NDArray[np.bool_]:
    """Frames of one even tone, as between fades, or with a title on one; a grade may have lifted their black."""
    tone = np.median(luma, axis=(1, 2), keepdims=True)
    even = (np.abs(luma - tone) <= _BLANK_SPREAD_CODES).mean(axis=(1, 2))
    return np.asarray((luma.std(axis=(1, 2)) < _BLANK_SPREAD_CODES) | (even >= _CARD_SHARE))


def picture_box(luma: Bytes) -> tuple[int, int, int, int]:
    """Top, bottom, left, right of what is inside dark bars, uint8 [F, h, w] → row and column numbers.

    Outer rows and columns that are dark and the same all along through all frames are bars, black or lifted by a grade,
    and one row more, where a thumbnail mixes bar and picture. Where more than three quarters of a side would go, all
    stays.
    """
    darkest, brightest = luma.min(axis=0), luma.max(axis=0)
    rows = np.flatnonzero(~_flat_dark(darkest, brightest, 1))
    columns = np.flatnonzero(~_flat_dark(darkest, brightest, 0))
    height, width = brightest.shape
    if len(rows) < height / 4 or len(columns) < width / 4:
        return 0, height, 0, width
    top, left = (int(edge) + 1 if edge else 0 for edge in (rows[0], columns[0]))
    bottom = int(rows[-1]) if rows[-1] + 1 < height else height
    right = int(columns[-1]) if columns[-1] + 1 < width else width
    return top, bottom, left, right


def _flat_dark(darkest: Bytes, brightest: Bytes, axis: int) -> npt.NDArray[np.bool_]:
    high = brightest.max(axis=axis).astype(int)
    return np.asarray((high <= _BAR_LUMA) & (high - darkest.min(axis=axis) <= _BAR_RANGE))


def temporal_noise(thumbs: Thumbs, frames: npt.NDArray[np.int64]) -> float:
    """Noise of the luma in code values: median second difference over time, which smooth motion hardly moves."""
    inner = frames[(frames > 0) & (frames < len(thumbs.y) - 1)][::4]
    if len(inner) == 0:
        return 0.0
    before, here, after = (np.asarray(thumbs.y[inner + step], np.float32) for step in (-1, 0, 1))
    bend = np.median(np.abs(before - 2 * here + after), axis=(1, 2))
    return float(np.median(bend)) / (0.6745 * 6**0.5)

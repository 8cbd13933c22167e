"""Small pictures of a video at given moments, kept while its frames pass by for another reason: no second decode."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from clipzy_server.domain.oklab import rgb_from_planes
from clipzy_server.media.frames import Frame, Plane, decode

STILL_PX = 640
# Pillow shrinks by whole factors first where more than this is left for the filter.
_FILTERED = 2.0


class Stills:
    """The frame on display at each of the `times_s`, seconds from the first picture, as `still_of` shows it."""

    def __init__(self, times_s: Sequence[Fraction]) -> None:
        self.times_s = tuple(times_s)
        self._kept: dict[Fraction, tuple[Fraction, Image.Image]] = {}

    def watching(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """The same frames. Several iterators, each of a part of the video, may be watched at once.

        The last frame that was taken from one is on display for ever, and the first from ever, as where a file's
        beginning is broken, unless another knows better.
        """
        shown, due_s = None, sorted(self.times_s)
        try:
            for frame in frames:
                if shown is None or (due_s and due_s[0] < frame.time_s):
                    self._keep_before(frame) if shown is None else self._keep(shown, frame.time_s)
                    due_s = due_s[bisect_left(due_s, frame.time_s) :]
                shown = frame
                yield frame
        finally:
            if shown is not None:
                self._keep(shown, None)

    def seek(self, path: str | Path) -> None:
        """Get all of them out of a file that nobody else reads now."""
        self._kept = {time_s: (time_s, still_at(path, time_s)) for time_s in self.times_s}

    def pictures(self) -> list[Image.Image]:
        """One for each time. Raises KeyError when there was no frame."""
        return [self._kept[time_s][1] for time_s in self.times_s]

    def save(self, folder: Path) -> None:
        """Writes them into the folder, each named by its time in milliseconds."""
        folder.mkdir(parents=True, exist_ok=True)
        for time_s, picture in zip(self.times_s, self.pictures(), strict=True):
            picture.save(folder / f"{round(1000 * time_s)}.bmp")

    def _keep_before(self, first: Frame) -> None:
        for time_s in self.times_s:
            if time_s < first.time_s and time_s not in self._kept:
                self._kept[time_s] = Fraction(-1), still_of(first)

    def _keep(self, frame: Frame, until_s: Fraction | None) -> None:
        for time_s in self.times_s:
            known_s = self._kept[time_s][0] if time_s in self._kept else Fraction(-1)
            if known_s < frame.time_s <= time_s and (until_s is None or time_s < until_s):
                self._kept[time_s] = frame.time_s, still_of(frame)


def still_of(frame: Frame) -> Image.Image:
    """The frame as RGB, its long side at most 640 px."""
    height, width = frame.y.shape
    scale = min(1.0, STILL_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    y, u, v = (_shrunk(plane, size) for plane in (frame.y, frame.u, frame.v))
    if frame.step is not None:
        k, u, v = frame.step.astype(np.float32), u - 128, v - 128
        y = k[0] * y + k[1] * u + k[2] * v + k[3]
        u, v = 128 + k[4] * u + k[5] * v, 128 + k[6] * u + k[7] * v
    return Image.fromarray(np.rint(np.clip(rgb_from_planes(y, u, v), 0, 1) * 255).astype(np.uint8))


def still_at(path: str | Path, time_s: Fraction) -> Image.Image:
    """The frame on display at a time, found by seeking; the last one where the time lies past the end."""
    return still_of(next(decode(path, time_s)))


def _shrunk(plane: Plane, size: tuple[int, int]) -> NDArray[np.float32]:
    shrunk = Image.fromarray(plane).resize(size, Image.Resampling.LANCZOS, reducing_gap=_FILTERED)
    return np.asarray(shrunk, np.float32)


def read_stills(folder: Path) -> tuple[list[Fraction], list[Image.Image]]:
    """The times and the pictures that `Stills.save` wrote."""
    times_ms = sorted(int(file.stem) for file in folder.iterdir())
    return [Fraction(time_ms, 1000) for time_ms in times_ms], [Image.open(folder / f"{ms}.bmp") for ms in times_ms]


def evenly(duration_s: Fraction, count: int) -> tuple[Fraction, ...]:
    """The middles of `count` equal parts of a duration."""
    return tuple(duration_s * (2 * k + 1) / (2 * count) for k in range(count))

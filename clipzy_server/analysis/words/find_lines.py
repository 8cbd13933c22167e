"""Which parts of a picture are lines of words?"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from clipzy_server.analysis.words.networks import Picture, word_map

_CORE, _SURE = 0.3, 0.6
# The network marks the core of a line, shrunk from its border by 0.6 of area over perimeter; this brings it back.
_GROWTH = 0.8
# Less of its box filled than this: a slanted line, or none.
_FILLED = 0.5
_LEAST_PX, _HIGHEST = 5, 0.4


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a picture, px: rows `top` … `bottom` − 1, columns `left` … `right` − 1."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def height(self) -> int:
        """Rows."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """Columns."""
        return self.right - self.left

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns to index with."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def grown(self, by_px: int, height: int, width: int) -> "Area":
        """Larger on every side, within a picture of that size."""
        left, top = max(0, self.left - by_px), max(0, self.top - by_px)
        return Area(left, top, min(width, self.right + by_px), min(height, self.bottom + by_px))

    def with_others(self, others: Iterable["Area"]) -> "Area":
        """The smallest area that holds all of them."""
        areas = [self, *others]
        return Area(
            min(area.left for area in areas),
            min(area.top for area in areas),
            max(area.right for area in areas),
            max(area.bottom for area in areas),
        )

    def overlap(self, other: "Area") -> float:
        """Share of the smaller one that both have in common."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        smaller = min(self.width * self.height, other.width * other.height)
        return max(0, width) * max(0, height) / max(1, smaller)


def find_lines(picture: Picture, part: Area) -> list[Area]:
    """Lines that lie level in a part of the luma float32[h, w] (0…255); those as high as pictures are left out."""
    shown = word_map(np.ascontiguousarray(picture[part.slices]))
    height, width = picture.shape
    regions, _ = ndimage.label(shown > _CORE)
    lines = []
    for number, (rows, columns) in enumerate(ndimage.find_objects(regions), start=1):
        inside = regions[rows, columns] == number
        high, wide = inside.shape
        if float(shown[rows, columns][inside].mean()) < _SURE or inside.mean() < _FILLED:
            continue
        core = Area(part.left + columns.start, part.top + rows.start, part.left + columns.stop, part.top + rows.stop)
        line = core.grown(round(_GROWTH * high * wide / (high + wide)), height, width)
        if _LEAST_PX <= line.height <= _HIGHEST * height:
            lines.append(line)
    return lines

"""One picture that shows template, footage and output side by side: a row of frames each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from clipzy_server.domain.oklab import rgb_from_planes
from clipzy_server.media.frames import Frame, decode

_TILE_HEIGHT_PX = 180
_WIDEST_TILE_PX = 420
_GAP_PX = 8
_CAPTION_PX = 22
_GROUND = (24, 24, 27)
_INK = (228, 228, 231)


@dataclass(frozen=True, slots=True)
class Row:
    """Frames of one video at ascending times, seconds from its first picture."""

    caption: str
    path: Path
    times_s: tuple[Fraction, ...]


def contact_sheet(rows: Sequence[Row]) -> Image.Image:
    """The rows below each other, every one with its caption; RGB."""
    made = [(row, [_tile(frame) for frame in frames_at(row.path, row.times_s)]) for row in rows]
    width = max(sum(tile.width + _GAP_PX for tile in tiles) for _, tiles in made) + _GAP_PX
    line = _CAPTION_PX + _TILE_HEIGHT_PX + _GAP_PX
    sheet = Image.new("RGB", (width, line * len(made) + _GAP_PX), _GROUND)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(14)
    for number, (row, tiles) in enumerate(made):
        top = _GAP_PX + number * line
        draw.text((_GAP_PX, top), row.caption, fill=_INK, font=font)
        left = _GAP_PX
        for tile in tiles:
            sheet.paste(tile, (left, top + _CAPTION_PX))
            left += tile.width + _GAP_PX
    return sheet


def evenly(duration_s: Fraction, count: int) -> tuple[Fraction, ...]:
    """The middles of `count` equal parts of a duration."""
    return tuple(duration_s * (2 * k + 1) / (2 * count) for k in range(count))


def frames_at(path: Path, times_s: Iterable[Fraction]) -> list[Frame]:
    """The frame on display at each time; the last one where a time lies past the end."""
    found = []
    for time_s in times_s:
        frames = decode(path, time_s)
        found.append(next(frames))
        frames.close()  # type: ignore[attr-defined]
    return found


def _tile(frame: Frame) -> Image.Image:
    """A frame as RGB, at most 180 px high and 420 px wide."""
    height, width = frame.y.shape
    scale = min(_TILE_HEIGHT_PX / height, _WIDEST_TILE_PX / width, 1.0)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    box = Image.Resampling.BOX
    planes = [np.asarray(Image.fromarray(plane).resize(size, box)) for plane in (frame.y, frame.u, frame.v)]
    rgb = np.rint(np.clip(rgb_from_planes(*planes), 0, 1) * 255).astype(np.uint8)
    return Image.fromarray(rgb)

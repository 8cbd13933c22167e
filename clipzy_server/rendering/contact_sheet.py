"""One picture that shows template, footage and output side by side: a row of frames each, in columns of one width."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from PIL import Image, ImageDraw, ImageFont

# Upright pictures fill a column's width like lying ones; only what is taller than 9:16 is held by the height.
_TILE_WIDTH_PX, _HIGHEST_TILE_PX = 240, 430
_MARGIN_PX, _GAP_PX = 16, 8
_CAPTION_PX, _CAPTION_SIZE_PX = 34, 20
_TIME_PX, _TIME_SIZE_PX = 32, 14
_GROUND = (24, 24, 27)
_INK, _FAINT_INK = (228, 228, 231), (161, 161, 170)


@dataclass(frozen=True, slots=True)
class Row:
    """Pictures of one video at ascending times, seconds from its first picture."""

    caption: str
    times_s: Sequence[Fraction]
    pictures: Sequence[Image.Image]


def contact_sheet(rows: Sequence[Row]) -> Image.Image:
    """The rows below each other, each with its caption and the time of every frame under it; RGB."""
    made = [(row, [tile_of(picture) for picture in row.pictures]) for row in rows]
    columns = max(len(tiles) for _, tiles in made)
    heights_px = [_CAPTION_PX + max(tile.height for tile in tiles) + _TIME_PX for _, tiles in made]
    width_px = 2 * _MARGIN_PX + columns * (_TILE_WIDTH_PX + _GAP_PX) - _GAP_PX
    sheet = Image.new("RGB", (width_px, sum(heights_px) + 2 * _MARGIN_PX), _GROUND)
    top_px = _MARGIN_PX
    for (row, tiles), height_px in zip(made, heights_px, strict=True):
        _draw_row(sheet, top_px, row, tiles)
        top_px += height_px
    return sheet


def _draw_row(sheet: Image.Image, top_px: int, row: Row, tiles: Sequence[Image.Image]) -> None:
    draw = ImageDraw.Draw(sheet)
    draw.text((_MARGIN_PX, top_px), row.caption, fill=_INK, font=ImageFont.load_default(_CAPTION_SIZE_PX))
    below_px = top_px + _CAPTION_PX + max(tile.height for tile in tiles)
    small = ImageFont.load_default(_TIME_SIZE_PX)
    for column, (tile, time_s) in enumerate(zip(tiles, row.times_s, strict=True)):
        left_px = _MARGIN_PX + column * (_TILE_WIDTH_PX + _GAP_PX)
        sheet.paste(tile, (left_px + (_TILE_WIDTH_PX - tile.width) // 2, top_px + _CAPTION_PX))
        draw.text((left_px, below_px + 2), f"{float(time_s):.2f} s", fill=_FAINT_INK, font=small)


def jpeg(picture: Image.Image) -> bytes:
    """A picture as a JPEG file."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=88)
    return file.getvalue()


def tile_of(picture: Image.Image) -> Image.Image:
    """A picture as wide as a column unless that makes it too high."""
    scale = min(_TILE_WIDTH_PX / picture.width, _HIGHEST_TILE_PX / picture.height)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS)

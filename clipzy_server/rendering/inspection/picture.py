"""The whole picture: a head line, the timeline, the cards."""

from clipzy_server.domain.inspection import Inspection
from clipzy_server.rendering.inspection.cards import draw_cards
from clipzy_server.rendering.inspection.drawing import DARK, FAINT, Box, Drawing, Type, png_of, theme_css
from clipzy_server.rendering.inspection.timeline import draw_timeline

_WIDTH_PX, _SIDE_PX = 1600, 40
# Twice as many pixels as the drawing has: small words stay legible when it is looked at closely.
_PNG_WIDTH_PX = 2 * _WIDTH_PX
_TITLE, _BIG = Type(28, bold=True), Type(34, bold=True)


def picture_png(seen: Inspection) -> bytes:
    """The picture on a dark ground as a PNG file, 3200 pixels wide."""
    return png_of(picture_svg(seen, theme_css(DARK)), _PNG_WIDTH_PX)


def picture_svg(seen: Inspection, style: str = "") -> str:
    """The picture as an SVG element; without a style the page around it gives the colours."""
    drawing = Drawing(_WIDTH_PX)
    # What the rows come to is known when they are painted, so the ground is painted too high and cut off.
    drawing.rect(Box(0, 0, _WIDTH_PX, 4000), "ground")
    _head(drawing, seen)
    bottom = draw_timeline(drawing, 132, _SIDE_PX, seen)
    bottom = draw_cards(drawing, bottom + 26, _SIDE_PX, seen)
    return drawing.svg(bottom + _SIDE_PX, f"The style of {seen.name}: {summary(seen)}", style)


def summary(seen: Inspection) -> str:
    """What a file is, in a line."""
    meta = seen.metadata
    sound = meta.audio_codec if meta.has_audio and meta.audio_codec else "no sound"
    hdr = " · HDR" if meta.is_hdr else ""
    return (
        f"{meta.width} × {meta.height}{hdr} · {meta.frame_rate:.5g} frames a second · "
        f"{seen.duration_s:.2f} s · {meta.codec}, {sound} · {meta.bitrate_kbps:,} kbit/s"
    )


def _head(drawing: Drawing, seen: Inspection) -> None:
    drawing.text((_SIDE_PX, 56), seen.name, _TITLE, room_px=1150)
    drawing.text((_SIDE_PX, 84), summary(seen), FAINT)
    right = _WIDTH_PX - _SIDE_PX
    drawing.text((right, 58), f"{seen.style.extraction_confidence:.2f}", _BIG.at_end())
    drawing.text((right, 84), "confidence in the whole", FAINT.at_end())

"""The numbers of a style, a card for each kind: colour, frame, cuts and camera, sound, confidence."""

from collections.abc import Callable, Sequence
from dataclasses import asdict

from clipzy_server.domain.inspection import Inspection
from clipzy_server.domain.style import Transition, TransitionType
from clipzy_server.rendering.easing import ease
from clipzy_server.rendering.inspection.drawing import FAINT, HEADING, SMALL, STRONG, Box, Drawing, Type

_GAP_PX, _PAD_PX, _LINE_PX = 20, 22, 27
_CARD_PX = 318
_BIG = Type(30, bold=True)
# What the ends of each colour number look like.
_ENDS = {
    "temperature": ("#4d8df0", "#b9b9bd", "#f0953c"),
    "tint": ("#3fae5a", "#b9b9bd", "#d357b8"),
    "saturation": ("#8d8d92", "#a8868a", "#e0334c"),
    "contrast": ("#77777d", "#9a9aa0", "#ffffff"),
    "highlights": ("#6c6c72", "#adadb3", "#ffffff"),
    "shadows": ("#0b0b0d", "#4a4a50", "#9d9da4"),
}
_CAMERA = {"pan": "accent", "tilt": "wipe", "zoom": "zoom", "handheld": "fade", "static": "sound"}

Painter = Callable[[Drawing, Box, Inspection], None]


def draw_cards(drawing: Drawing, top_px: float, side_px: float, seen: Inspection) -> float:
    """Four cards in a row and the confidences below; gives the lower edge."""
    cards: tuple[tuple[str, Painter], ...] = (
        ("Colour", _colour),
        ("Palette and frame", _frame),
        ("Cuts and camera", _movement),
        ("Sound", _sound),
    )
    width = (drawing.width_px - 2 * side_px - 3 * _GAP_PX) / len(cards)
    for number, (title, paint) in enumerate(cards):
        card = Box(side_px + number * (width + _GAP_PX), top_px, width, _CARD_PX)
        paint(drawing, _opened(drawing, card, title), seen)
    wide = Box(side_px, top_px + _CARD_PX + _GAP_PX, drawing.width_px - 2 * side_px, 0)
    return _confidence(drawing, wide, seen)


def _opened(drawing: Drawing, card: Box, title: str) -> Box:
    """The card's ground and heading; gives the room inside."""
    drawing.rect(card, "panel", radius=10)
    drawing.text((card.left + _PAD_PX, card.top + 31), title, HEADING)
    top = card.top + 50
    return Box(card.left + _PAD_PX, top, card.width - 2 * _PAD_PX, card.bottom - top - 14)


def _colour(drawing: Drawing, box: Box, seen: Inspection) -> None:
    each_px = box.height / 6
    for number, (name, value) in enumerate(asdict(seen.style.color_grade).items()):
        line = box.top + number * each_px + 18
        paint = drawing.gradient(f"ends-{name}", _ENDS[name])
        track = Box(box.left, line + 8, box.width, 7)
        drawing.text((box.left, line), name)
        drawing.text((box.right, line), signed(value), STRONG.at_end())
        drawing.fill(track, paint, radius=3.5)
        drawing.dot((track.left + track.width * (value + 100) / 200, track.top + 3.5), 6.5, "ink", "panel")


def signed(value: float) -> str:
    """A whole number with its sign, in typographers' minus."""
    whole = round(value)
    return "0" if whole == 0 else f"{whole:+d}".replace("-", "−")


def _frame(drawing: Drawing, box: Box, seen: Inspection) -> None:
    colours = seen.style.palette
    left = box.left
    for one in colours:
        width = box.width * one.share / max(sum(each.share for each in colours), 1e-9)
        drawing.fill(Box(left, box.top, width, 56), one.color)
        left += width
    for number, one in enumerate(colours):
        at = box.left + number % 3 * box.width / 3, box.top + 78 + number // 3 * 21
        drawing.fill(Box(at[0], at[1] - 11, 12, 12), one.color, radius=3)
        drawing.text((at[0] + 18, at[1]), f"{one.color}  {100 * one.share:.0f} %", SMALL)
    _outline(drawing, Box(box.left, box.top + 122, 128, box.height - 124), seen)
    meta, style = seen.metadata, seen.style
    facts = Box(box.left + 150, box.top + 122, box.width - 150, 0)
    _facts(
        drawing,
        facts,
        (
            ("aspect", style.aspect_ratio.value),
            ("size", f"{meta.width} × {meta.height}"),
            ("active", f"{seen.active.width} × {seen.active.height}"),
            ("rate", f"{meta.frame_rate:.5g} → {style.frame_rate}"),
        ),
    )


def _outline(drawing: Drawing, room: Box, seen: Inspection) -> None:
    """The shape of the frame, and of the picture inside its bars."""
    scale = min(room.width / seen.metadata.width, room.height / seen.metadata.height)
    width, height = seen.metadata.width * scale, seen.metadata.height * scale
    left, top = room.left + (room.width - width) / 2, room.top + (room.height - height) / 2
    drawing.rect(Box(left, top, width, height), "track", radius=3)
    active = seen.active
    picture = Box(left + active.left * scale, top + active.top * scale, active.width * scale, active.height * scale)
    drawing.rect(picture, "accent", radius=3, opacity=0.35)
    drawing.frame(picture, "accent", width_px=1.5)


def _facts(drawing: Drawing, box: Box, facts: Sequence[tuple[str, str]], line_px: float = _LINE_PX) -> float:
    """Names left, values right, one below the other; gives the lower edge."""
    for number, (name, value) in enumerate(facts):
        line = box.top + number * line_px + 17
        drawing.text((box.left, line), name, FAINT)
        drawing.text((box.right, line), value, STRONG.at_end())
    return box.top + len(facts) * line_px


def _movement(drawing: Drawing, box: Box, seen: Inspection) -> None:
    style = seen.style
    drawing.text((box.left, box.top + 26), f"{style.cut_frequency:.1f}", _BIG)
    drawing.text((box.right, box.top + 25), "cuts a minute", FAINT.at_end())
    at = _transition(drawing, Box(box.left, box.top + 42, box.width, 40), style.primary_transition, "first")
    if style.secondary_transition is not None:
        at = _transition(drawing, Box(box.left, at, box.width, 40), style.secondary_transition, "second")
    shares = [(name, share) for name, share in asdict(style.camera).items() if share > 0]
    left = box.left
    bar = Box(box.left, box.bottom - 126, box.width, 16)
    for name, share in shares:
        width = bar.width * share
        told = f"{name} {100 * share:.0f} %"
        drawing.rect(Box(left, bar.top, max(1.0, width - 2), bar.height), _CAMERA[name], radius=2, title=told)
        left += width
    for number, (name, share) in enumerate(shares):
        at_px = box.left + number % 3 * box.width / 3, bar.bottom + 19 + number // 3 * 19
        drawing.rect(Box(at_px[0], at_px[1] - 9, 9, 9), _CAMERA[name], radius=2)
        drawing.text((at_px[0] + 14, at_px[1]), f"{name} {100 * share:.0f} %", SMALL)
    numbers = (("motion intensity", f"{style.motion_intensity:.0f}"), ("zoom usage", f"{style.zoom_usage:.0f}"))
    _facts(drawing, Box(box.left, box.bottom - 54, box.width, 0), numbers)


def _transition(drawing: Drawing, box: Box, transition: Transition, which: str) -> float:
    """The kind, its length, and its easing as a curve; gives the lower edge."""
    colour = transition.type.value
    icon = Box(box.left, box.top + 5, 46, 30)
    drawing.rect(icon, "track", radius=4)
    steps = [k / 24 for k in range(25)]
    inner = Box(icon.left + 5, icon.top + 5, icon.width - 10, icon.height - 10)
    if transition.type is TransitionType.CUT:
        middle = inner.left + inner.width / 2
        curve = [(inner.left, inner.bottom), (middle, inner.bottom), (middle, inner.top), (inner.right, inner.top)]
    else:
        easing = transition.easing
        curve = [(inner.left + inner.width * t, inner.bottom - inner.height * ease(easing, t)) for t in steps]
    drawing.line(curve, colour, width_px=2.2)
    told = colour if transition.duration_ms == 0 else f"{colour} {transition.duration_ms} ms, {transition.easing.value}"
    drawing.text((box.left + 58, box.top + 25), told, STRONG)
    drawing.text((box.right, box.top + 25), which, SMALL.at_end())
    return box.bottom


def _sound(drawing: Drawing, box: Box, seen: Inspection) -> None:
    style = seen.style
    if seen.sound is None:
        drawing.text((box.left, box.top + 20), "no sound track", FAINT)
        return
    level, audio = style.loudness, style.audio_style
    drawing.text((box.left, box.top + 26), known(level.integrated_lufs, ".1f"), _BIG)
    drawing.text((box.right, box.top + 25), "LUFS integrated", FAINT.at_end())
    facts = (
        ("range", known(level.range_lu, ".1f", " LU")),
        ("true peak", known(level.true_peak_dbtp, ".1f", " dBTP")),
        ("tempo", known(style.tempo_bpm, ".1f", " BPM")),
        ("genre", style.music_genre or "–"),
        ("beats", str(len(style.detected_beats))),
        ("level", f"{audio.normalization_level:.2f}"),
        ("compression", f"{audio.compression_ratio:.1f} : 1"),
        ("bass boost", f"{audio.bass_boost:.0f}"),
        ("speech raised", "yes" if audio.enhance_speech else "no"),
    )
    _facts(drawing, Box(box.left, box.top + 40, box.width, 0), facts, 23.5)


def known(value: float | None, form: str, unit: str = "") -> str:
    """A number as text; a dash where nothing is known."""
    return "–" if value is None else f"{value:{form}}{unit}".replace("-", "−")


def _confidence(drawing: Drawing, place: Box, seen: Inspection) -> float:
    """A bar for each field, in columns."""
    fields = sorted(seen.style.field_confidence.items())
    columns = 4
    rows = -(-len(fields) // columns)
    card = Box(place.left, place.top, place.width, 50 + rows * 24 + 16)
    box = _opened(drawing, card, "Confidence by field")
    each_px = (box.width + 44) / columns
    for number, (name, value) in enumerate(fields):
        left, line = box.left + number // rows * each_px, box.top + number % rows * 24 + 12
        width = each_px - 44
        drawing.text((left, line), name, SMALL, room_px=190)
        track = Box(left + 186, line - 8, width - 224, 7)
        drawing.rect(track, "track", radius=3.5)
        if value is not None:
            drawing.rect(Box(track.left, track.top, track.width * value, 7), _sure(value), radius=3.5)
        drawing.text((left + width, line), known(value, ".2f"), Type(12, "ink", "end"))
    return card.bottom


def _sure(value: float) -> str:
    return "slide" if value > 0.85 else "accent" if value >= 0.6 else "fade" if value >= 0.5 else "zoom"

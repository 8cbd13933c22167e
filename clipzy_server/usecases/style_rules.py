"""What a Style DNA that is sent in must keep to, beyond types: versions and ranges."""

import math
import re
from collections.abc import Iterator

from clipzy_server.domain import codec
from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.domain.style import STYLE_VERSION, ColorGrade, StyleDna, Transition

FRAME_RATES = (24, 30, 60)
_LOOK_BYTES = 16 * 1024
MAX_LOOK_COLORS = 256
MAX_ENTRIES = 100_000
_COLOR = re.compile("#[0-9a-fA-F]{6}")

_Check = tuple[str, bool, str]


def check_style(style: StyleDna, field: str = "style_json") -> None:
    """Raises Invalid (VALIDATION_ERROR) naming the first field, below `field`, that is out of range."""
    for name, holds, rule in _checks(style):
        if not holds:
            raise Invalid(ErrorCode.VALIDATION_ERROR, "Invalid Style DNA", f"{field}.{name}: must be {rule}.")


def _checks(style: StyleDna) -> Iterator[_Check]:
    yield "version", style.version == STYLE_VERSION, f'"{STYLE_VERSION}"'
    yield "frame_rate", style.frame_rate in FRAME_RATES, "24, 30 or 60"
    for name in ColorGrade.__dataclass_fields__:
        yield _within(f"color_grade.{name}", getattr(style.color_grade, name), -100, 100)
    audio = style.audio_style
    yield _within("audio_style.normalization_level", audio.normalization_level, 0, 1)
    yield _within("audio_style.compression_ratio", audio.compression_ratio, 1, 1000)
    yield _within("audio_style.bass_boost", audio.bass_boost, 0, 100)
    yield _within("cut_frequency", style.cut_frequency, 0, 60_000)
    yield _within("motion_intensity", style.motion_intensity, 0, 100)
    yield _within("zoom_usage", style.zoom_usage, 0, 100)
    yield _within("source_duration_seconds", style.source_duration_seconds, 0, math.inf)
    yield _within("extraction_confidence", style.extraction_confidence, 0, 1)
    if style.tempo_bpm is not None:
        yield _within("tempo_bpm", style.tempo_bpm, 1, 1000)
    for name in ("primary_transition", "secondary_transition"):
        transition: Transition | None = getattr(style, name)
        if transition is not None:
            yield _within(f"{name}.duration_ms", transition.duration_ms, 0, 60_000)
    yield from _list_checks(style)
    yield from _look_checks(style)


def _list_checks(style: StyleDna) -> Iterator[_Check]:
    for name in ("text_overlays", "detected_beats", "shots", "palette"):
        yield name, len(getattr(style, name)) <= MAX_ENTRIES, f"at most {MAX_ENTRIES} entries"
    for index, beat in enumerate(style.detected_beats):
        yield _within(f"detected_beats[{index}].timestamp_ms", beat.timestamp_ms, 0, math.inf)
        yield _within(f"detected_beats[{index}].confidence", beat.confidence, 0, 1)
    for index, shot in enumerate(style.shots):
        yield f"shots[{index}]", 0 <= shot.start_ms <= shot.end_ms, "0 ≤ start_ms ≤ end_ms"
    for index, overlay in enumerate(style.text_overlays):
        yield _within(f"text_overlays[{index}].start_ms", overlay.start_ms, 0, math.inf)
    for index, entry in enumerate(style.palette):
        yield f"palette[{index}].color", _COLOR.fullmatch(entry.color) is not None, "#rrggbb"
        yield _within(f"palette[{index}].share", entry.share, 0, 1)
    for name in style.camera.__dataclass_fields__:
        yield _within(f"camera.{name}", getattr(style.camera, name), 0, 1)


def _look_checks(style: StyleDna) -> Iterator[_Check]:
    look = style.look
    if look is None:
        return
    yield "look", len(codec.to_json(look)) <= _LOOK_BYTES, "at most 16 KiB"
    yield "look.colors", len(look.colors) <= MAX_LOOK_COLORS, f"at most {MAX_LOOK_COLORS} entries"
    for index, level in enumerate(look.lightness):
        yield _within(f"look.lightness[{index}]", level, 0, 1)
    for index, color in enumerate(look.colors):
        yield _within(f"look.colors[{index}].l", color.l, 0, 1)
        yield _within(f"look.colors[{index}].a", color.a, -1, 1)
        yield _within(f"look.colors[{index}].b", color.b, -1, 1)
        yield _within(f"look.colors[{index}].weight", color.weight, 0, 1)


def _within(name: str, value: float, low: float, high: float) -> _Check:
    # NaN is within nothing; infinity is no measurement.
    return name, math.isfinite(value) and low <= value <= high, f"{low:g} to {high:g}"

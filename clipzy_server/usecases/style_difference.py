"""What differs between two styles: every field that does, and the most telling of them in words."""

from dataclasses import dataclass
from typing import Any

from clipzy_server.domain import codec
from clipzy_server.domain.style import FieldDifference, StyleDifference, StyleDna

_TOLD_FIELDS = 4
# What tells of the extraction or of single moments says nothing about how two styles differ.
_NOT_COMPARED = frozenset(
    {"created_at", "version", "field_confidence", "look", "palette", "shots", "detected_beats", "text_overlays"}
)
_COUNTED = ("shots", "detected_beats", "text_overlays")


@dataclass(frozen=True, slots=True)
class _Scale:
    """The change that makes all the difference, and what more and less are called."""

    whole: float
    more: str
    less: str


_SCALES = {
    "color_grade.temperature": _Scale(100, "warmer", "cooler"),
    "color_grade.tint": _Scale(100, "more magenta", "greener"),
    "color_grade.saturation": _Scale(100, "more saturated", "less saturated"),
    "color_grade.contrast": _Scale(100, "more contrast", "less contrast"),
    "color_grade.highlights": _Scale(100, "brighter highlights", "darker highlights"),
    "color_grade.shadows": _Scale(100, "brighter shadows", "darker shadows"),
    "audio_style.normalization_level": _Scale(1, "louder", "quieter"),
    "audio_style.compression_ratio": _Scale(8, "more compressed sound", "less compressed sound"),
    "audio_style.bass_boost": _Scale(100, "more bass", "less bass"),
    "cut_frequency": _Scale(30, "more cuts a minute", "fewer cuts a minute"),
    "motion_intensity": _Scale(100, "more motion", "less motion"),
    "zoom_usage": _Scale(100, "more zooms", "fewer zooms"),
    "tempo_bpm": _Scale(60, "faster music", "slower music"),
}
_NAMES = {
    "aspect_ratio": "aspect ratio",
    "frame_rate": "frame rate",
    "primary_transition.type": "transitions",
    "tempo_bpm": "tempo",
    "music_genre": "music",
}


def difference(first: StyleDna, second: StyleDna) -> StyleDifference:
    """The fields whose values differ, in the order of the Style DNA; counts stand for lists."""
    before, after = _flat(first), _flat(second)
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    fields = tuple(_difference(name, before.get(name), after.get(name)) for name in names)
    return StyleDifference(fields, _summary(fields))


def _flat(style: StyleDna) -> dict[str, Any]:
    plain = codec.to_plain(style)
    flat: dict[str, Any] = {}
    for name, value in plain.items():
        if name in _NOT_COMPARED:
            continue
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": entry for inner, entry in value.items()}
        else:
            flat[name] = value
    return flat | {f"{name}.count": len(plain[name]) for name in _COUNTED}


def _difference(name: str, a: Any, b: Any) -> FieldDifference:
    return FieldDifference(name, a, b, round(b - a, 6) if _is_number(a) and _is_number(b) else None)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _summary(fields: tuple[FieldDifference, ...]) -> str:
    if not fields:
        return "The styles are the same."
    telling = sorted((field for field in fields if _weight(field)), key=_weight, reverse=True)
    count = f"{len(fields)} fields differ." if len(fields) > 1 else "1 field differs."
    if not telling:
        return count
    told = ", ".join(map(_words, telling[:_TOLD_FIELDS]))
    return f"{told[0].upper()}{told[1:]}; {count}"


def _weight(field: FieldDifference) -> float:
    """How much of a style's character changes, about 0…1; 0 for what a viewer would not name."""
    if field.field in _SCALES:
        return abs(field.change) / _SCALES[field.field].whole if field.change is not None else 1.0
    return float(field.field in _NAMES)


def _words(field: FieldDifference) -> str:
    values = f"{_shown(field.a)} → {_shown(field.b)}"
    if field.change is None or field.field not in _SCALES:
        return f"{_NAMES.get(field.field, field.field)} {values}"
    scale = _SCALES[field.field]
    return f"{scale.more if field.change > 0 else scale.less} ({values})"


def _shown(value: object) -> str:
    return "none" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)

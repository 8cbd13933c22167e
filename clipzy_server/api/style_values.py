"""Style DNA from protobuf, as callers send it. `style_messages.py` is the opposite.

Here is checked what only the wire can get wrong: enumerations, required parts, times, numbers that are none.
"""

import math
from typing import TypeVar

from google.protobuf.message import Message

from clipzy.v1 import style_pb2
from clipzy_server.api.enums import ASPECT_RATIOS, BEAT_BANDS, EASINGS, TRANSITION_TYPES
from clipzy_server.api.fields import present
from clipzy_server.api.times import point_in_time
from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.domain.style import (
    STYLE_VERSION,
    AudioStyle,
    Beat,
    Camera,
    ColorGrade,
    Look,
    LookColor,
    Loudness,
    PaletteColor,
    ShotTransition,
    StyleDna,
    StyleShot,
    TextOverlay,
    Transition,
)

T = TypeVar("T")

_REQUIRED = ("color_grade", "audio_style", "primary_transition", "created_at")


def style_value(message: style_pb2.StyleDna, path: str) -> StyleDna:
    """The style in a message that came in the field `path`; raises Invalid naming the field that is wrong."""
    for name in _REQUIRED:
        present(message, name, f"{path}.{name}")
    _refuse_non_numbers(message, path)
    return StyleDna(
        version=message.version or STYLE_VERSION,
        color_grade=_grade(message.color_grade),
        aspect_ratio=ASPECT_RATIOS.from_wire(message.aspect_ratio, f"{path}.aspect_ratio"),
        frame_rate=message.frame_rate,
        audio_style=_audio(message.audio_style),
        cut_frequency=message.cut_frequency,
        motion_intensity=message.motion_intensity,
        zoom_usage=message.zoom_usage,
        primary_transition=_transition(message.primary_transition, f"{path}.primary_transition"),
        secondary_transition=_transition(message.secondary_transition, f"{path}.secondary_transition")
        if message.HasField("secondary_transition")
        else None,
        use_subtitles=message.use_subtitles,
        text_overlays=tuple(map(_overlay, message.text_overlays)),
        detected_beats=tuple(_beat(beat, f"{path}.detected_beats") for beat in message.detected_beats),
        tempo_bpm=_optional(message, "tempo_bpm", message.tempo_bpm),
        music_genre=_optional(message, "music_genre", message.music_genre),
        created_at=point_in_time(message.created_at, f"{path}.created_at"),
        source_duration_seconds=message.source_duration_seconds,
        extraction_confidence=message.extraction_confidence,
        field_confidence={
            name: _optional(confidence, "value", confidence.value)
            for name, confidence in message.field_confidence.items()
        },
        shots=tuple(_shot(shot, f"{path}.shots") for shot in message.shots),
        camera=_camera(message.camera),
        palette=tuple(PaletteColor(entry.color, entry.share) for entry in message.palette),
        loudness=_loudness(message.loudness),
        look=_look(message.look) if message.HasField("look") else None,
    )


def _optional(message: Message, field: str, value: T) -> T | None:
    return value if message.HasField(field) else None


def _refuse_non_numbers(message: Message, path: str) -> None:
    for field, value in message.ListFields():
        where = f"{path}.{field.name}"
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            parts = list(value.values())
        else:
            parts = list(value) if field.is_repeated else [value]
        for part in parts:
            if isinstance(part, float) and not math.isfinite(part):
                raise Invalid(ErrorCode.VALIDATION_ERROR, "Invalid value", f"{where}: {part} is not a finite number")
            if isinstance(part, Message):
                _refuse_non_numbers(part, where)


def _grade(message: style_pb2.ColorGrade) -> ColorGrade:
    return ColorGrade(
        temperature=message.temperature,
        tint=message.tint,
        saturation=message.saturation,
        contrast=message.contrast,
        highlights=message.highlights,
        shadows=message.shadows,
    )


def _audio(message: style_pb2.AudioStyle) -> AudioStyle:
    return AudioStyle(
        normalization_level=message.normalization_level,
        compression_ratio=message.compression_ratio,
        bass_boost=message.bass_boost,
        enhance_speech=message.enhance_speech,
    )


def _transition(message: style_pb2.Transition, path: str) -> Transition:
    return Transition(
        type=TRANSITION_TYPES.from_wire(message.type, f"{path}.type"),
        duration_ms=message.duration_ms,
        easing=EASINGS.from_wire(message.easing, f"{path}.easing"),
    )


def _overlay(message: style_pb2.TextOverlay) -> TextOverlay:
    return TextOverlay(
        content=message.content,
        position=message.position,
        start_ms=message.start_ms,
        duration_ms=_optional(message, "duration_ms", message.duration_ms),
        size_px=message.size_px,
        color=message.color,
    )


def _beat(message: style_pb2.Beat, path: str) -> Beat:
    return Beat(message.timestamp_ms, message.confidence, BEAT_BANDS.from_wire(message.frequency, f"{path}.frequency"))


def _shot(message: style_pb2.StyleShot, path: str) -> StyleShot:
    begins = message.HasField("transition_in")
    return StyleShot(
        message.start_ms,
        message.end_ms,
        _shot_transition(message.transition_in, f"{path}.transition_in") if begins else None,
    )


def _shot_transition(message: style_pb2.ShotTransition, path: str) -> ShotTransition:
    return ShotTransition(
        type=TRANSITION_TYPES.from_wire(message.type, f"{path}.type"),
        start_ms=message.start_ms,
        duration_ms=message.duration_ms,
        easing=EASINGS.from_wire(message.easing, f"{path}.easing"),
        confidence=message.confidence,
    )


def _camera(message: style_pb2.Camera) -> Camera:
    return Camera(
        pan=message.pan, tilt=message.tilt, zoom=message.zoom, handheld=message.handheld, static=message.static
    )


def _loudness(message: style_pb2.Loudness) -> Loudness:
    return Loudness(
        integrated_lufs=_optional(message, "integrated_lufs", message.integrated_lufs),
        range_lu=_optional(message, "range_lu", message.range_lu),
        true_peak_dbtp=_optional(message, "true_peak_dbtp", message.true_peak_dbtp),
    )


def _look(message: style_pb2.Look) -> Look:
    colors = tuple(LookColor(color.l, color.a, color.b, color.weight) for color in message.colors)
    return Look(lightness=tuple(message.lightness), colors=colors)

"""Style DNA → protobuf. `style_values.py` is the opposite."""

from clipzy.v1 import style_pb2
from clipzy_server.api.enums import ASPECT_RATIOS, BEAT_BANDS, EASINGS, TRANSITION_TYPES
from clipzy_server.api.times import timestamp
from clipzy_server.domain.style import (
    AudioStyle,
    Beat,
    Camera,
    ColorGrade,
    Look,
    Loudness,
    ShotTransition,
    StyleDna,
    StyleShot,
    TextOverlay,
    Transition,
)


def style_message(style: StyleDna) -> style_pb2.StyleDna:
    """The whole of a style."""
    return style_pb2.StyleDna(
        version=style.version,
        color_grade=_grade(style.color_grade),
        aspect_ratio=ASPECT_RATIOS.to_wire(style.aspect_ratio),
        frame_rate=style.frame_rate,
        audio_style=_audio(style.audio_style),
        cut_frequency=style.cut_frequency,
        motion_intensity=style.motion_intensity,
        zoom_usage=style.zoom_usage,
        primary_transition=_transition(style.primary_transition),
        secondary_transition=_transition(style.secondary_transition) if style.secondary_transition else None,
        use_subtitles=style.use_subtitles,
        text_overlays=map(_overlay, style.text_overlays),
        detected_beats=map(_beat, style.detected_beats),
        tempo_bpm=style.tempo_bpm,
        music_genre=style.music_genre,
        created_at=timestamp(style.created_at),
        source_duration_seconds=style.source_duration_seconds,
        extraction_confidence=style.extraction_confidence,
        field_confidence={
            name: style_pb2.FieldConfidence(value=value) for name, value in style.field_confidence.items()
        },
        shots=map(_shot, style.shots),
        camera=_camera(style.camera),
        palette=[style_pb2.PaletteColor(color=entry.color, share=entry.share) for entry in style.palette],
        loudness=_loudness(style.loudness),
        look=_look(style.look) if style.look else None,
    )


def _grade(grade: ColorGrade) -> style_pb2.ColorGrade:
    return style_pb2.ColorGrade(
        temperature=grade.temperature,
        tint=grade.tint,
        saturation=grade.saturation,
        contrast=grade.contrast,
        highlights=grade.highlights,
        shadows=grade.shadows,
    )


def _audio(audio: AudioStyle) -> style_pb2.AudioStyle:
    return style_pb2.AudioStyle(
        normalization_level=audio.normalization_level,
        compression_ratio=audio.compression_ratio,
        bass_boost=audio.bass_boost,
        enhance_speech=audio.enhance_speech,
    )


def _transition(transition: Transition) -> style_pb2.Transition:
    return style_pb2.Transition(
        type=TRANSITION_TYPES.to_wire(transition.type),
        duration_ms=transition.duration_ms,
        easing=EASINGS.to_wire(transition.easing),
    )


def _overlay(overlay: TextOverlay) -> style_pb2.TextOverlay:
    return style_pb2.TextOverlay(
        content=overlay.content,
        position=overlay.position,
        start_ms=overlay.start_ms,
        duration_ms=overlay.duration_ms,
        size_px=overlay.size_px,
        color=overlay.color,
    )


def _beat(beat: Beat) -> style_pb2.Beat:
    return style_pb2.Beat(
        timestamp_ms=beat.timestamp_ms, confidence=beat.confidence, frequency=BEAT_BANDS.to_wire(beat.frequency)
    )


def _shot(shot: StyleShot) -> style_pb2.StyleShot:
    return style_pb2.StyleShot(
        start_ms=shot.start_ms,
        end_ms=shot.end_ms,
        transition_in=_shot_transition(shot.transition_in) if shot.transition_in else None,
    )


def _shot_transition(transition: ShotTransition) -> style_pb2.ShotTransition:
    return style_pb2.ShotTransition(
        type=TRANSITION_TYPES.to_wire(transition.type),
        start_ms=transition.start_ms,
        duration_ms=transition.duration_ms,
        easing=EASINGS.to_wire(transition.easing),
        confidence=transition.confidence,
    )


def _camera(camera: Camera) -> style_pb2.Camera:
    return style_pb2.Camera(
        pan=camera.pan, tilt=camera.tilt, zoom=camera.zoom, handheld=camera.handheld, static=camera.static
    )


def _loudness(loudness: Loudness) -> style_pb2.Loudness:
    return style_pb2.Loudness(
        integrated_lufs=loudness.integrated_lufs,
        range_lu=loudness.range_lu,
        true_peak_dbtp=loudness.true_peak_dbtp,
    )


def _look(look: Look) -> style_pb2.Look:
    colors = [style_pb2.LookColor(l=color.l, a=color.a, b=color.b, weight=color.weight) for color in look.colors]
    return style_pb2.Look(lightness=look.lightness, colors=colors)

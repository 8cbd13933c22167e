import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AspectRatio(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ASPECT_RATIO_UNSPECIFIED: _ClassVar[AspectRatio]
    ASPECT_RATIO_16_9: _ClassVar[AspectRatio]
    ASPECT_RATIO_9_16: _ClassVar[AspectRatio]
    ASPECT_RATIO_1_1: _ClassVar[AspectRatio]
    ASPECT_RATIO_4_5: _ClassVar[AspectRatio]
    ASPECT_RATIO_4_3: _ClassVar[AspectRatio]
    ASPECT_RATIO_21_9: _ClassVar[AspectRatio]

class TransitionType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRANSITION_TYPE_UNSPECIFIED: _ClassVar[TransitionType]
    TRANSITION_TYPE_CUT: _ClassVar[TransitionType]
    TRANSITION_TYPE_FADE: _ClassVar[TransitionType]
    TRANSITION_TYPE_DISSOLVE: _ClassVar[TransitionType]
    TRANSITION_TYPE_WIPE: _ClassVar[TransitionType]
    TRANSITION_TYPE_SLIDE: _ClassVar[TransitionType]
    TRANSITION_TYPE_ZOOM: _ClassVar[TransitionType]

class Easing(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EASING_UNSPECIFIED: _ClassVar[Easing]
    EASING_LINEAR: _ClassVar[Easing]
    EASING_EASE_IN: _ClassVar[Easing]
    EASING_EASE_OUT: _ClassVar[Easing]
    EASING_EASE_IN_OUT: _ClassVar[Easing]

class BeatBand(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BEAT_BAND_UNSPECIFIED: _ClassVar[BeatBand]
    BEAT_BAND_BASS: _ClassVar[BeatBand]
    BEAT_BAND_MID: _ClassVar[BeatBand]
    BEAT_BAND_TREBLE: _ClassVar[BeatBand]
ASPECT_RATIO_UNSPECIFIED: AspectRatio
ASPECT_RATIO_16_9: AspectRatio
ASPECT_RATIO_9_16: AspectRatio
ASPECT_RATIO_1_1: AspectRatio
ASPECT_RATIO_4_5: AspectRatio
ASPECT_RATIO_4_3: AspectRatio
ASPECT_RATIO_21_9: AspectRatio
TRANSITION_TYPE_UNSPECIFIED: TransitionType
TRANSITION_TYPE_CUT: TransitionType
TRANSITION_TYPE_FADE: TransitionType
TRANSITION_TYPE_DISSOLVE: TransitionType
TRANSITION_TYPE_WIPE: TransitionType
TRANSITION_TYPE_SLIDE: TransitionType
TRANSITION_TYPE_ZOOM: TransitionType
EASING_UNSPECIFIED: Easing
EASING_LINEAR: Easing
EASING_EASE_IN: Easing
EASING_EASE_OUT: Easing
EASING_EASE_IN_OUT: Easing
BEAT_BAND_UNSPECIFIED: BeatBand
BEAT_BAND_BASS: BeatBand
BEAT_BAND_MID: BeatBand
BEAT_BAND_TREBLE: BeatBand

class StyleDna(_message.Message):
    __slots__ = ("version", "color_grade", "aspect_ratio", "frame_rate", "audio_style", "cut_frequency", "motion_intensity", "zoom_usage", "primary_transition", "secondary_transition", "use_subtitles", "text_overlays", "detected_beats", "tempo_bpm", "music_genre", "created_at", "source_duration_seconds", "extraction_confidence", "field_confidence", "shots", "camera", "palette", "loudness", "look")
    class FieldConfidenceEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: FieldConfidence
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[FieldConfidence, _Mapping]] = ...) -> None: ...
    VERSION_FIELD_NUMBER: _ClassVar[int]
    COLOR_GRADE_FIELD_NUMBER: _ClassVar[int]
    ASPECT_RATIO_FIELD_NUMBER: _ClassVar[int]
    FRAME_RATE_FIELD_NUMBER: _ClassVar[int]
    AUDIO_STYLE_FIELD_NUMBER: _ClassVar[int]
    CUT_FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    MOTION_INTENSITY_FIELD_NUMBER: _ClassVar[int]
    ZOOM_USAGE_FIELD_NUMBER: _ClassVar[int]
    PRIMARY_TRANSITION_FIELD_NUMBER: _ClassVar[int]
    SECONDARY_TRANSITION_FIELD_NUMBER: _ClassVar[int]
    USE_SUBTITLES_FIELD_NUMBER: _ClassVar[int]
    TEXT_OVERLAYS_FIELD_NUMBER: _ClassVar[int]
    DETECTED_BEATS_FIELD_NUMBER: _ClassVar[int]
    TEMPO_BPM_FIELD_NUMBER: _ClassVar[int]
    MUSIC_GENRE_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_DURATION_SECONDS_FIELD_NUMBER: _ClassVar[int]
    EXTRACTION_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    FIELD_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    SHOTS_FIELD_NUMBER: _ClassVar[int]
    CAMERA_FIELD_NUMBER: _ClassVar[int]
    PALETTE_FIELD_NUMBER: _ClassVar[int]
    LOUDNESS_FIELD_NUMBER: _ClassVar[int]
    LOOK_FIELD_NUMBER: _ClassVar[int]
    version: str
    color_grade: ColorGrade
    aspect_ratio: AspectRatio
    frame_rate: int
    audio_style: AudioStyle
    cut_frequency: float
    motion_intensity: float
    zoom_usage: float
    primary_transition: Transition
    secondary_transition: Transition
    use_subtitles: bool
    text_overlays: _containers.RepeatedCompositeFieldContainer[TextOverlay]
    detected_beats: _containers.RepeatedCompositeFieldContainer[Beat]
    tempo_bpm: float
    music_genre: str
    created_at: _timestamp_pb2.Timestamp
    source_duration_seconds: float
    extraction_confidence: float
    field_confidence: _containers.MessageMap[str, FieldConfidence]
    shots: _containers.RepeatedCompositeFieldContainer[StyleShot]
    camera: Camera
    palette: _containers.RepeatedCompositeFieldContainer[PaletteColor]
    loudness: Loudness
    look: Look
    def __init__(self, version: _Optional[str] = ..., color_grade: _Optional[_Union[ColorGrade, _Mapping]] = ..., aspect_ratio: _Optional[_Union[AspectRatio, str]] = ..., frame_rate: _Optional[int] = ..., audio_style: _Optional[_Union[AudioStyle, _Mapping]] = ..., cut_frequency: _Optional[float] = ..., motion_intensity: _Optional[float] = ..., zoom_usage: _Optional[float] = ..., primary_transition: _Optional[_Union[Transition, _Mapping]] = ..., secondary_transition: _Optional[_Union[Transition, _Mapping]] = ..., use_subtitles: _Optional[bool] = ..., text_overlays: _Optional[_Iterable[_Union[TextOverlay, _Mapping]]] = ..., detected_beats: _Optional[_Iterable[_Union[Beat, _Mapping]]] = ..., tempo_bpm: _Optional[float] = ..., music_genre: _Optional[str] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., source_duration_seconds: _Optional[float] = ..., extraction_confidence: _Optional[float] = ..., field_confidence: _Optional[_Mapping[str, FieldConfidence]] = ..., shots: _Optional[_Iterable[_Union[StyleShot, _Mapping]]] = ..., camera: _Optional[_Union[Camera, _Mapping]] = ..., palette: _Optional[_Iterable[_Union[PaletteColor, _Mapping]]] = ..., loudness: _Optional[_Union[Loudness, _Mapping]] = ..., look: _Optional[_Union[Look, _Mapping]] = ...) -> None: ...

class ColorGrade(_message.Message):
    __slots__ = ("temperature", "tint", "saturation", "contrast", "highlights", "shadows")
    TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    TINT_FIELD_NUMBER: _ClassVar[int]
    SATURATION_FIELD_NUMBER: _ClassVar[int]
    CONTRAST_FIELD_NUMBER: _ClassVar[int]
    HIGHLIGHTS_FIELD_NUMBER: _ClassVar[int]
    SHADOWS_FIELD_NUMBER: _ClassVar[int]
    temperature: float
    tint: float
    saturation: float
    contrast: float
    highlights: float
    shadows: float
    def __init__(self, temperature: _Optional[float] = ..., tint: _Optional[float] = ..., saturation: _Optional[float] = ..., contrast: _Optional[float] = ..., highlights: _Optional[float] = ..., shadows: _Optional[float] = ...) -> None: ...

class AudioStyle(_message.Message):
    __slots__ = ("normalization_level", "compression_ratio", "bass_boost", "enhance_speech")
    NORMALIZATION_LEVEL_FIELD_NUMBER: _ClassVar[int]
    COMPRESSION_RATIO_FIELD_NUMBER: _ClassVar[int]
    BASS_BOOST_FIELD_NUMBER: _ClassVar[int]
    ENHANCE_SPEECH_FIELD_NUMBER: _ClassVar[int]
    normalization_level: float
    compression_ratio: float
    bass_boost: float
    enhance_speech: bool
    def __init__(self, normalization_level: _Optional[float] = ..., compression_ratio: _Optional[float] = ..., bass_boost: _Optional[float] = ..., enhance_speech: _Optional[bool] = ...) -> None: ...

class Transition(_message.Message):
    __slots__ = ("type", "duration_ms", "easing")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    EASING_FIELD_NUMBER: _ClassVar[int]
    type: TransitionType
    duration_ms: int
    easing: Easing
    def __init__(self, type: _Optional[_Union[TransitionType, str]] = ..., duration_ms: _Optional[int] = ..., easing: _Optional[_Union[Easing, str]] = ...) -> None: ...

class TextOverlay(_message.Message):
    __slots__ = ("content", "position", "start_ms", "duration_ms", "size_px", "color")
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    START_MS_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    SIZE_PX_FIELD_NUMBER: _ClassVar[int]
    COLOR_FIELD_NUMBER: _ClassVar[int]
    content: str
    position: str
    start_ms: int
    duration_ms: int
    size_px: int
    color: str
    def __init__(self, content: _Optional[str] = ..., position: _Optional[str] = ..., start_ms: _Optional[int] = ..., duration_ms: _Optional[int] = ..., size_px: _Optional[int] = ..., color: _Optional[str] = ...) -> None: ...

class Beat(_message.Message):
    __slots__ = ("timestamp_ms", "confidence", "frequency")
    TIMESTAMP_MS_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    timestamp_ms: int
    confidence: float
    frequency: BeatBand
    def __init__(self, timestamp_ms: _Optional[int] = ..., confidence: _Optional[float] = ..., frequency: _Optional[_Union[BeatBand, str]] = ...) -> None: ...

class FieldConfidence(_message.Message):
    __slots__ = ("value",)
    VALUE_FIELD_NUMBER: _ClassVar[int]
    value: float
    def __init__(self, value: _Optional[float] = ...) -> None: ...

class StyleShot(_message.Message):
    __slots__ = ("start_ms", "end_ms", "transition_in")
    START_MS_FIELD_NUMBER: _ClassVar[int]
    END_MS_FIELD_NUMBER: _ClassVar[int]
    TRANSITION_IN_FIELD_NUMBER: _ClassVar[int]
    start_ms: int
    end_ms: int
    transition_in: ShotTransition
    def __init__(self, start_ms: _Optional[int] = ..., end_ms: _Optional[int] = ..., transition_in: _Optional[_Union[ShotTransition, _Mapping]] = ...) -> None: ...

class ShotTransition(_message.Message):
    __slots__ = ("type", "start_ms", "duration_ms", "easing", "confidence")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    START_MS_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    EASING_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    type: TransitionType
    start_ms: int
    duration_ms: int
    easing: Easing
    confidence: float
    def __init__(self, type: _Optional[_Union[TransitionType, str]] = ..., start_ms: _Optional[int] = ..., duration_ms: _Optional[int] = ..., easing: _Optional[_Union[Easing, str]] = ..., confidence: _Optional[float] = ...) -> None: ...

class Camera(_message.Message):
    __slots__ = ("pan", "tilt", "zoom", "handheld", "static")
    PAN_FIELD_NUMBER: _ClassVar[int]
    TILT_FIELD_NUMBER: _ClassVar[int]
    ZOOM_FIELD_NUMBER: _ClassVar[int]
    HANDHELD_FIELD_NUMBER: _ClassVar[int]
    STATIC_FIELD_NUMBER: _ClassVar[int]
    pan: float
    tilt: float
    zoom: float
    handheld: float
    static: float
    def __init__(self, pan: _Optional[float] = ..., tilt: _Optional[float] = ..., zoom: _Optional[float] = ..., handheld: _Optional[float] = ..., static: _Optional[float] = ...) -> None: ...

class Loudness(_message.Message):
    __slots__ = ("integrated_lufs", "range_lu", "true_peak_dbtp")
    INTEGRATED_LUFS_FIELD_NUMBER: _ClassVar[int]
    RANGE_LU_FIELD_NUMBER: _ClassVar[int]
    TRUE_PEAK_DBTP_FIELD_NUMBER: _ClassVar[int]
    integrated_lufs: float
    range_lu: float
    true_peak_dbtp: float
    def __init__(self, integrated_lufs: _Optional[float] = ..., range_lu: _Optional[float] = ..., true_peak_dbtp: _Optional[float] = ...) -> None: ...

class PaletteColor(_message.Message):
    __slots__ = ("color", "share")
    COLOR_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    color: str
    share: float
    def __init__(self, color: _Optional[str] = ..., share: _Optional[float] = ...) -> None: ...

class Look(_message.Message):
    __slots__ = ("lightness", "colors")
    LIGHTNESS_FIELD_NUMBER: _ClassVar[int]
    COLORS_FIELD_NUMBER: _ClassVar[int]
    lightness: _containers.RepeatedScalarFieldContainer[float]
    colors: _containers.RepeatedCompositeFieldContainer[LookColor]
    def __init__(self, lightness: _Optional[_Iterable[float]] = ..., colors: _Optional[_Iterable[_Union[LookColor, _Mapping]]] = ...) -> None: ...

class LookColor(_message.Message):
    __slots__ = ("l", "a", "b", "weight")
    L_FIELD_NUMBER: _ClassVar[int]
    A_FIELD_NUMBER: _ClassVar[int]
    B_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    l: float
    a: float
    b: float
    weight: float
    def __init__(self, l: _Optional[float] = ..., a: _Optional[float] = ..., b: _Optional[float] = ..., weight: _Optional[float] = ...) -> None: ...

class SavedStyle(_message.Message):
    __slots__ = ("style_id", "name", "style", "created_at")
    STYLE_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    STYLE_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    style_id: str
    name: str
    style: StyleDna
    created_at: _timestamp_pb2.Timestamp
    def __init__(self, style_id: _Optional[str] = ..., name: _Optional[str] = ..., style: _Optional[_Union[StyleDna, _Mapping]] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

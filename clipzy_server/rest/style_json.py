"""Style DNA as JSON, both ways.

Here is checked what only JSON can get wrong: names, types, enumerations. Ranges are the use cases' rule.
"""

from typing import Annotated, Any

from pydantic import AwareDatetime, Field, GetJsonSchemaHandler, StringConstraints
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from clipzy_server.domain import codec
from clipzy_server.domain.style import AspectRatio, BeatBand, Easing, StyleDna, TransitionType
from clipzy_server.rest.body import RequestModel

Share = Annotated[float, Field(ge=0, le=1)]
# What the typed API and the renderer can hold.
Count = Annotated[int, Field(ge=0, lt=2**31)]
Milliseconds = Annotated[int, Field(ge=0, lt=2**31)]
Text = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]


class ColorGradeJson(RequestModel):
    """The look of the picture."""

    temperature: float
    tint: float
    saturation: float
    contrast: float
    highlights: float
    shadows: float


class AudioStyleJson(RequestModel):
    """The sound."""

    normalization_level: float
    compression_ratio: float
    bass_boost: float
    enhance_speech: bool


class TransitionJson(RequestModel):
    """A kind of transition."""

    type: TransitionType
    duration_ms: Milliseconds
    easing: Easing


class TextOverlayJson(RequestModel):
    """Words laid over the picture."""

    content: Text
    position: Word
    start_ms: Milliseconds
    duration_ms: Milliseconds | None
    size_px: Count
    color: Word


class BeatJson(RequestModel):
    """One beat."""

    timestamp_ms: Milliseconds
    confidence: Share
    frequency: BeatBand


class ShotTransitionJson(RequestModel):
    """How a shot begins."""

    type: TransitionType
    start_ms: Milliseconds
    duration_ms: Milliseconds
    easing: Easing
    confidence: Share


class ShotJson(RequestModel):
    """One shot."""

    start_ms: Milliseconds
    end_ms: Milliseconds
    transition_in: ShotTransitionJson | None = None


class CameraJson(RequestModel):
    """Shares of the time."""

    pan: float
    tilt: float
    zoom: float
    handheld: float
    static: float


class LoudnessJson(RequestModel):
    """EBU R128 measures."""

    integrated_lufs: float | None = None
    range_lu: float | None = None
    true_peak_dbtp: float | None = None


class PaletteColorJson(RequestModel):
    """A dominant colour."""

    color: Word
    share: float


class LookColorJson(RequestModel):
    """A representative colour in OkLab."""

    l: float  # noqa: E741 - the axis is called L
    a: float
    b: float
    weight: float


class LookJson(RequestModel):
    """Compact colour statistics."""

    lightness: tuple[float, ...]
    colors: tuple[LookColorJson, ...]


class StyleJson(RequestModel):
    """A whole Style DNA, in the published order. What is ours alone may be missing."""

    version: Word
    color_grade: ColorGradeJson
    aspect_ratio: AspectRatio
    frame_rate: Count
    audio_style: AudioStyleJson
    cut_frequency: float
    motion_intensity: float
    zoom_usage: float
    primary_transition: TransitionJson
    secondary_transition: TransitionJson | None = None
    use_subtitles: bool = False
    text_overlays: tuple[TextOverlayJson, ...] = ()
    detected_beats: tuple[BeatJson, ...] = ()
    tempo_bpm: float | None = None
    music_genre: Word | None = None
    created_at: AwareDatetime
    source_duration_seconds: float
    extraction_confidence: float
    field_confidence: dict[Word, Share | None] = Field(default_factory=dict)
    shots: tuple[ShotJson, ...] = ()
    camera: CameraJson = CameraJson(pan=0, tilt=0, zoom=0, handheld=0, static=0)
    palette: tuple[PaletteColorJson, ...] = ()
    loudness: LoudnessJson = LoudnessJson()
    look: LookJson | None = None

    def to_domain(self) -> StyleDna:
        """The style it describes."""
        return codec.from_plain(StyleDna, self.model_dump())


class _AsStyleJson:
    """Documents a plain object as the StyleJson it was made of."""

    def __get_pydantic_json_schema__(self, _: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(StyleJson.__pydantic_core_schema__)


PlainStyle = Annotated[dict[str, Any], _AsStyleJson()]


def style_json(style: StyleDna) -> dict[str, Any]:
    """The style's fields in the published order, as plain JSON values."""
    plain = codec.to_plain(style)
    return {name: plain[name] for name in StyleJson.model_fields}

"""Style DNA as JSON, both ways.

Here is checked what only JSON can get wrong: names, types, enumerations. Ranges are the use cases' rule.
"""

from typing import Annotated, Any

from pydantic import AwareDatetime, Field, GetJsonSchemaHandler, StringConstraints
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from clipzy_server.domain import codec
from clipzy_server.domain.style import STYLE_VERSION, AspectRatio, BeatBand, Easing, StyleDna, TransitionType
from clipzy_server.rest.body import WHOLE, RequestModel, Rule, within
from clipzy_server.usecases.style_rules import FRAME_RATES, MAX_ENTRIES, MAX_LOOK_COLORS

Share = Annotated[float, Field(ge=0, le=1)]
AT_MOST = Rule({"maxItems": MAX_ENTRIES})
# A key that breaks Word's pattern is refused, which "patternProperties" alone does not say.
NO_OTHER_KEYS = Rule({"additionalProperties": False})
Unit = Annotated[float, within(0, 1)]
Percent = Annotated[float, within(0, 100)]
Slider = Annotated[float, within(-100, 100)]
# What the typed API and the renderer can hold.
Count = Annotated[int, Field(ge=0, lt=2**31), WHOLE]
Milliseconds = Annotated[int, Field(ge=0, lt=2**31), WHOLE]
Text = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]


class ColorGradeJson(RequestModel):
    """The look of the picture."""

    temperature: Slider
    tint: Slider
    saturation: Slider
    contrast: Slider
    highlights: Slider
    shadows: Slider


class AudioStyleJson(RequestModel):
    """The sound."""

    normalization_level: Unit
    compression_ratio: Annotated[float, within(1, 1000)]
    bass_boost: Percent
    enhance_speech: bool


class TransitionJson(RequestModel):
    """A kind of transition."""

    type: TransitionType
    duration_ms: Annotated[int, Field(ge=0, lt=2**31), Rule({"maximum": 60_000}), WHOLE]
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
    """One shot; it does not end before it starts."""

    start_ms: Milliseconds
    end_ms: Milliseconds
    transition_in: ShotTransitionJson | None = None


class CameraJson(RequestModel):
    """Shares of the time."""

    pan: Unit
    tilt: Unit
    zoom: Unit
    handheld: Unit
    static: Unit


class LoudnessJson(RequestModel):
    """EBU R128 measures."""

    integrated_lufs: float | None = None
    range_lu: float | None = None
    true_peak_dbtp: float | None = None


class PaletteColorJson(RequestModel):
    """A dominant colour."""

    color: Annotated[Word, Rule({"pattern": "^#[0-9a-fA-F]{6}$"})]
    share: Unit


class LookColorJson(RequestModel):
    """A representative colour in OkLab."""

    l: Unit  # noqa: E741 - the axis is called L
    a: Annotated[float, within(-1, 1)]
    b: Annotated[float, within(-1, 1)]
    weight: Unit


class LookJson(RequestModel):
    """Compact colour statistics, at most 16 KiB of JSON."""

    lightness: tuple[Unit, ...]
    colors: Annotated[tuple[LookColorJson, ...], Rule({"maxItems": MAX_LOOK_COLORS})]


class StyleJson(RequestModel):
    """A whole Style DNA, in the published order. What is ours alone may be missing."""

    version: Annotated[Word, Rule({"enum": [STYLE_VERSION]})]
    color_grade: ColorGradeJson
    aspect_ratio: AspectRatio
    frame_rate: Annotated[Count, Rule({"enum": list(FRAME_RATES)})]
    audio_style: AudioStyleJson
    cut_frequency: Annotated[float, within(0, 60_000)]
    motion_intensity: Percent
    zoom_usage: Percent
    primary_transition: TransitionJson
    secondary_transition: TransitionJson | None = None
    use_subtitles: bool = False
    text_overlays: Annotated[tuple[TextOverlayJson, ...], AT_MOST] = ()
    detected_beats: Annotated[tuple[BeatJson, ...], AT_MOST] = ()
    tempo_bpm: Annotated[float, within(1, 1000)] | None = None
    music_genre: Word | None = None
    created_at: AwareDatetime
    source_duration_seconds: Annotated[float, Rule({"minimum": 0})]
    extraction_confidence: Unit
    field_confidence: Annotated[dict[Word, Share | None], NO_OTHER_KEYS] = Field(default_factory=dict)
    shots: Annotated[tuple[ShotJson, ...], AT_MOST] = ()
    camera: CameraJson = CameraJson(pan=0, tilt=0, zoom=0, handheld=0, static=0)
    palette: Annotated[tuple[PaletteColorJson, ...], AT_MOST] = ()
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

"""The Style DNA: what a viewer sees and hears of a video. Units and scales: docs/style-dna.md."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from clipzy_client.build import build, plain_of


class TransitionType(StrEnum):
    """How one shot gives way to the next."""

    CUT = "cut"
    FADE = "fade"
    DISSOLVE = "dissolve"
    WIPE = "wipe"
    SLIDE = "slide"
    ZOOM = "zoom"


class Easing(StrEnum):
    """The course of a transition: the standard cubics."""

    LINEAR = "linear"
    EASE_IN = "ease-in"
    EASE_OUT = "ease-out"
    EASE_IN_OUT = "ease-in-out"


class BeatBand(StrEnum):
    """Where the energy of a beat lies: below 200 Hz, below 2 kHz, above."""

    BASS = "bass"
    MID = "mid"
    TREBLE = "treble"


@dataclass(frozen=True)
class ColorGrade:
    """The look of the finished picture, each −100…100; 0 is ungraded natural footage."""

    temperature: float
    tint: float
    saturation: float
    contrast: float
    highlights: float
    shadows: float


@dataclass(frozen=True)
class AudioStyle:
    """The finished sound; without sound 0, 1, 0, False."""

    normalization_level: float
    compression_ratio: float
    bass_boost: float
    enhance_speech: bool


@dataclass(frozen=True)
class Transition:
    """A kind of transition that a video uses; a cut lasts 0 ms."""

    type: TransitionType
    duration_ms: int
    easing: Easing


@dataclass(frozen=True)
class TextOverlay:
    """Words laid over the picture."""

    content: str
    position: str
    start_ms: int
    duration_ms: int | None
    size_px: int
    color: str


@dataclass(frozen=True)
class Beat:
    """One beat of the music, with a confidence 0…1."""

    timestamp_ms: int
    confidence: float
    frequency: BeatBand


@dataclass(frozen=True)
class ShotTransition:
    """The exact extent of the transition into a shot."""

    type: TransitionType
    start_ms: int
    duration_ms: int
    easing: Easing
    confidence: float


@dataclass(frozen=True)
class Shot:
    """One shot; the boundary of a gradual join is its middle."""

    start_ms: int
    end_ms: int
    transition_in: ShotTransition | None = None


@dataclass(frozen=True)
class Camera:
    """Shares of the time, each 0…1."""

    pan: float
    tilt: float
    zoom: float
    handheld: float
    static: float


@dataclass(frozen=True)
class PaletteColor:
    """A dominant colour `#rrggbb` and its share of the picture, 0…1."""

    color: str
    share: float


@dataclass(frozen=True)
class Loudness:
    """EBU R128; None where there is no sound above the gate."""

    integrated_lufs: float | None = None
    range_lu: float | None = None
    true_peak_dbtp: float | None = None


@dataclass(frozen=True)
class LookColor:
    """A representative colour in OkLab."""

    l: float  # noqa: E741 - the name of the coordinate
    a: float
    b: float
    weight: float


@dataclass(frozen=True)
class Look:
    """Enough to transfer the colours without the video: quantiles of OkLab L, and at most 256 colours."""

    lightness: tuple[float, ...]
    colors: tuple[LookColor, ...]


@dataclass(frozen=True)
class StyleDna:
    """A whole style. `extraction_confidence` above 0.85 is reliable, below 0.5 it is not."""

    version: str
    color_grade: ColorGrade
    aspect_ratio: str
    frame_rate: int
    audio_style: AudioStyle
    cut_frequency: float
    motion_intensity: float
    zoom_usage: float
    primary_transition: Transition
    use_subtitles: bool
    created_at: datetime
    source_duration_seconds: float
    extraction_confidence: float
    secondary_transition: Transition | None = None
    text_overlays: tuple[TextOverlay, ...] = ()
    detected_beats: tuple[Beat, ...] = ()
    tempo_bpm: float | None = None
    music_genre: str | None = None
    field_confidence: dict[str, float | None] | None = None
    shots: tuple[Shot, ...] | None = None
    camera: Camera | None = None
    palette: tuple[PaletteColor, ...] | None = None
    loudness: Loudness | None = None
    look: Look | None = None

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Self:
        """From the documented JSON object, as in `style.json`. Raises ValueError for what is none."""
        return build(cls, plain)

    def to_dict(self) -> dict[str, Any]:
        """The documented JSON object."""
        return {name: value for name, value in plain_of(self).items() if value is not None or name in _NULLS}


# What the document prints as null; the other fields may be missing.
_NULLS = ("secondary_transition", "tempo_bpm", "music_genre", "look")

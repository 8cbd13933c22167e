"""Style DNA: what a viewer sees and hears, on fixed scales. `docs/style-dna.md` has every formula."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

STYLE_VERSION = "1.0"


class AspectRatio(StrEnum):
    """Width to height of the whole frame as displayed."""

    WIDE = "16:9"
    TALL = "9:16"
    SQUARE = "1:1"
    PORTRAIT = "4:5"
    CLASSIC = "4:3"
    CINEMA = "21:9"

    @property
    def ratio(self) -> float:
        """Width divided by height."""
        width, height = self.value.split(":")
        return int(width) / int(height)


class TransitionType(StrEnum):
    """How one shot gives way to the next."""

    CUT = "cut"
    FADE = "fade"
    DISSOLVE = "dissolve"
    WIPE = "wipe"
    SLIDE = "slide"
    ZOOM = "zoom"


class Easing(StrEnum):
    """The standard cubics: t, t³, 1−(1−t)³, and both halves joined."""

    LINEAR = "linear"
    EASE_IN = "ease-in"
    EASE_OUT = "ease-out"
    EASE_IN_OUT = "ease-in-out"


class BeatBand(StrEnum):
    """Where the energy of a beat lies: 30–200 Hz, 200–2000 Hz, above."""

    BASS = "bass"
    MID = "mid"
    TREBLE = "treble"


@dataclass(frozen=True, slots=True)
class ColorGrade:
    """The look of the finished picture, each −100…100 against ungraded natural footage (0)."""

    temperature: float = 0.0
    tint: float = 0.0
    saturation: float = 0.0
    contrast: float = 0.0
    highlights: float = 0.0
    shadows: float = 0.0


@dataclass(frozen=True, slots=True)
class AudioStyle:
    """The finished sound: level 0…1, ratio ≥ 1, bass 0…100. Without sound: the defaults here."""

    normalization_level: float = 0.0
    compression_ratio: float = 1.0
    bass_boost: float = 0.0
    enhance_speech: bool = False


@dataclass(frozen=True, slots=True)
class Transition:
    """A kind of transition that a video uses."""

    type: TransitionType = TransitionType.CUT
    duration_ms: int = 0
    easing: Easing = Easing.LINEAR


@dataclass(frozen=True, slots=True)
class TextOverlay:
    """Words laid over the picture."""

    content: str
    position: str
    start_ms: int
    duration_ms: int | None
    size_px: int
    color: str


@dataclass(frozen=True, slots=True)
class Beat:
    """One beat of the music. `confidence` 0…1."""

    timestamp_ms: int
    confidence: float
    frequency: BeatBand


@dataclass(frozen=True, slots=True)
class ShotTransition:
    """How a shot begins: the exact extent of the transition into it. A cut has duration 0."""

    type: TransitionType
    start_ms: int
    duration_ms: int
    easing: Easing
    confidence: float


@dataclass(frozen=True, slots=True)
class StyleShot:
    """One shot; a gradual join's boundary is its middle. `transition_in` is None where the video simply starts."""

    start_ms: int
    end_ms: int
    transition_in: ShotTransition | None = None


@dataclass(frozen=True, slots=True)
class Camera:
    """Shares of the time, each 0…1, summing to 1 when anything was measured."""

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0
    handheld: float = 0.0
    static: float = 0.0


@dataclass(frozen=True, slots=True)
class Loudness:
    """EBU R128 measures; None where there is no sound above the gate."""

    integrated_lufs: float | None = None
    range_lu: float | None = None
    true_peak_dbtp: float | None = None


@dataclass(frozen=True, slots=True)
class PaletteColor:
    """A dominant colour, `#rrggbb`, and the share of the picture it stands for, 0…1."""

    color: str
    share: float


@dataclass(frozen=True, slots=True)
class LookColor:
    """A representative colour in OkLab (`l` 0…1, `a` and `b` about −0.4…0.4) and its weight 0…1."""

    l: float  # noqa: E741 - the axis is called L
    a: float
    b: float
    weight: float


@dataclass(frozen=True, slots=True)
class Look:
    """Compact colour statistics, enough to transfer the colours without the template. At most 16 KiB as JSON.

    `lightness` holds evenly spaced quantiles of OkLab L (0…1), `colors` at most 256 weighted representatives.
    """

    lightness: tuple[float, ...]
    colors: tuple[LookColor, ...]


@dataclass(frozen=True, slots=True)
class StyleDna:
    """Everything measured of a video's style. JSON field names are these names."""

    color_grade: ColorGrade
    aspect_ratio: AspectRatio
    frame_rate: int
    audio_style: AudioStyle
    cut_frequency: float
    motion_intensity: float
    zoom_usage: float
    primary_transition: Transition
    created_at: datetime
    source_duration_seconds: float
    extraction_confidence: float
    version: str = STYLE_VERSION
    secondary_transition: Transition | None = None
    use_subtitles: bool = False
    text_overlays: tuple[TextOverlay, ...] = ()
    detected_beats: tuple[Beat, ...] = ()
    tempo_bpm: float | None = None
    music_genre: str | None = None
    field_confidence: dict[str, float | None] = field(default_factory=dict)
    shots: tuple[StyleShot, ...] = ()
    camera: Camera = Camera()
    palette: tuple[PaletteColor, ...] = ()
    loudness: Loudness = Loudness()
    look: Look | None = None


@dataclass(frozen=True, slots=True)
class SavedStyle:
    """A Style DNA that its owner keeps under a name."""

    style_id: str
    name: str
    style: StyleDna
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field (dotted name) of two styles. `change` is b − a where both are numbers, else None."""

    field: str
    a: float | str | bool | None
    b: float | str | bool | None
    change: float | None


@dataclass(frozen=True, slots=True)
class StyleDifference:
    """What differs between two styles, and one readable sentence about it."""

    fields: tuple[FieldDifference, ...]
    summary: str

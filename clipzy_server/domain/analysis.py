"""What the analyses say of one video; times in seconds from the start of the picture."""

from dataclasses import dataclass, field

from clipzy_server.domain.style import (
    AspectRatio,
    AudioStyle,
    Beat,
    Camera,
    Easing,
    Loudness,
    TextOverlay,
    TransitionType,
)
from clipzy_server.domain.video import VideoMetadata


@dataclass(frozen=True, slots=True)
class Source:
    """A video as the stages get it: a local file and what a probe told of it."""

    path: str
    metadata: VideoMetadata


@dataclass(frozen=True, slots=True)
class Join:
    """The transition that begins a shot: its exact extent. A cut has duration 0. `confidence` 0…1."""

    type: TransitionType
    start_s: float
    duration_s: float
    easing: Easing
    confidence: float


@dataclass(frozen=True, slots=True)
class Shot:
    """Frames `first_frame` … `end_frame` − 1; a gradual join's boundary is its middle."""

    start_s: float
    end_s: float
    first_frame: int
    end_frame: int
    join: Join | None = None


@dataclass(frozen=True, slots=True)
class ActivePicture:
    """What lies inside letterbox or pillarbox bars, pixels of the displayed frame."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PictureAnalysis:
    """Shots and format of one video. `frame_rate` is the measured mean, frames per second.

    `active` None where nobody looked for bars.
    """

    width: int
    height: int
    duration_s: float
    frame_count: int
    frame_rate: float
    aspect_ratio: AspectRatio
    shots: tuple[Shot, ...]
    cut_frequency: float
    text_overlays: tuple[TextOverlay, ...] = ()
    use_subtitles: bool = False
    confidence: dict[str, float | None] = field(default_factory=dict)
    active: ActivePicture | None = None


@dataclass(frozen=True, slots=True)
class ShotMotion:
    """The camera during one shot: speeds as shares of the diagonal per second, `zoom` as log scale per second."""

    intensity: float
    pan: float
    tilt: float
    zoom: float
    shake: float
    zooms: bool


@dataclass(frozen=True, slots=True)
class MotionAnalysis:
    """Motion of one video: intensity and zoom usage 0…100, shares of camera classes, one entry per shot."""

    intensity: float
    zoom_usage: float
    camera: Camera
    shots: tuple[ShotMotion, ...]
    confidence: dict[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start_s` up to `end_s`."""

    start_s: float
    end_s: float

    def holds(self, time_s: float) -> bool:
        """Whether a moment lies inside."""
        return self.start_s <= time_s < self.end_s


@dataclass(frozen=True, slots=True)
class SoundAnalysis:
    """Sound of one video. Without a sound track: `has_sound` False and everything neutral."""

    has_sound: bool = False
    duration_s: float = 0.0
    start_s: float = 0.0
    music_share: float = 0.0
    speech_share: float = 0.0
    music: tuple[Stretch, ...] = ()
    speech: tuple[Stretch, ...] = ()
    words: tuple[Stretch, ...] = ()
    tempo_bpm: float | None = None
    beats: tuple[Beat, ...] = ()
    downbeats_s: tuple[float, ...] = ()
    music_genre: str | None = None
    style: AudioStyle = AudioStyle()
    loudness: Loudness = Loudness()
    bass_index_db: float | None = None
    crest_db: float | None = None
    confidence: dict[str, float | None] = field(default_factory=dict)

"""What is drawn of one video besides its Style DNA: curves over time and a few frames."""

from dataclasses import dataclass

from clipzy_server.domain.analysis import ActivePicture, Stretch
from clipzy_server.domain.style import StyleDna
from clipzy_server.domain.video import VideoMetadata


@dataclass(frozen=True, slots=True)
class Curve:
    """Values at ascending times, seconds from the start of the picture; None where there is nothing to tell."""

    times_s: tuple[float, ...] = ()
    values: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class SoundTrace:
    """A sound over time: the extremes of even steps (±1 is full scale) and EBU R128 loudness, LUFS.

    `lows` and `highs` cover `duration_s` in equal parts. `momentary` is over 0.4 s, `short_term` over 3 s.
    """

    duration_s: float
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    momentary: Curve
    short_term: Curve
    music: tuple[Stretch, ...]
    speech: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A frame as a JPEG file and its time."""

    time_s: float
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Inspection:
    """Everything the picture shows. `motion` is on the scale of `motion_intensity`; `sound` None without a track."""

    name: str
    metadata: VideoMetadata
    style: StyleDna
    active: ActivePicture
    thumbnails: tuple[Thumbnail, ...]
    motion: Curve
    sound: SoundTrace | None

    @property
    def duration_s(self) -> float:
        """Length of the picture."""
        return self.style.source_duration_seconds

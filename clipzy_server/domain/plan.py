"""The edit plan: pure data that says everything the renderer does. Times are exact seconds (`Fraction`)."""

from dataclasses import dataclass
from fractions import Fraction

from clipzy_server.domain.analysis import ActivePicture
from clipzy_server.domain.job import Dimension, Quality
from clipzy_server.domain.style import Easing, TransitionType


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """Even size in pixels, square pixels, constant frame rate, encoder effort."""

    width: int
    height: int
    frame_rate: Fraction
    quality: Quality


@dataclass(frozen=True, slots=True)
class CropKey:
    """A crop window of the displayed footage at a source time: left, top, width, height in pixels (fractional)."""

    time_s: float
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class ZoomMove:
    """A push over one shot: magnification ≥ 1 at its start and end."""

    start_scale: float
    end_scale: float
    easing: Easing


@dataclass(frozen=True, slots=True)
class PlannedTransition:
    """The transition into a segment, `frames` output frames long; it overlaps the segment before."""

    type: TransitionType
    frames: int
    easing: Easing


@dataclass(frozen=True, slots=True)
class Segment:
    """One shot: `frame_count` output frames from `first_frame` on show the footage from `source_start_s` on.

    With a transition of n frames the segment begins n frames before its predecessor ends. `lut` indexes the plan's
    LUTs. Only footage from `scene_start_s` up to but not including `scene_end_s` is shown: the bounds of the footage's
    own shot, so that rounding to frames never lets a neighbouring shot flash up.
    """

    source_start_s: Fraction
    first_frame: int
    frame_count: int
    transition: PlannedTransition | None
    crop: tuple[CropKey, ...]
    zoom: ZoomMove | None
    lut: int | None
    scene_start_s: Fraction | None = None
    scene_end_s: Fraction | None = None


@dataclass(frozen=True, slots=True)
class SoundPlan:
    """The sound chain; None in a field leaves that property of the footage's sound alone."""

    target_lufs: float | None
    true_peak_ceiling_dbtp: float
    compression_ratio: float | None
    bass_gain_db: float
    enhance_speech: bool


@dataclass(frozen=True, slots=True)
class EditPlan:
    """A whole edit. `sound` is None where the output has no sound track; `blends_frames`: between two frames of the
    footage both are shown where little moves. `active` is what lies inside the footage's bars, which are not graded;
    None where it has none.
    """

    output: OutputFormat
    segments: tuple[Segment, ...]
    sound: SoundPlan | None
    applied: tuple[Dimension, ...]
    blends_frames: bool = False
    active: ActivePicture | None = None

    @property
    def frame_count(self) -> int:
        """Output frames in all."""
        last = self.segments[-1]
        return last.first_frame + last.frame_count

    @property
    def duration_s(self) -> Fraction:
        """Exact length of the output in seconds."""
        return self.frame_count / self.output.frame_rate

    def source_time_s(self, time_s: Fraction) -> Fraction:
        """The footage's time shown at an output time; of the later shot during a transition."""
        frame = min(max(0, int(time_s * self.output.frame_rate)), self.frame_count - 1)
        segment = next(part for part in reversed(self.segments) if part.first_frame <= frame)
        return segment.source_start_s + (frame - segment.first_frame) / self.output.frame_rate

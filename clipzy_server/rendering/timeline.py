"""The plan as a list of clips that follow each other, and as the edit decision list CMX 3600.

The source of every clip is the footage file, addressed in seconds from its first picture at the output's rate. CMX 3600
lets a transition begin at its event.
"""

from dataclasses import dataclass
from fractions import Fraction

from clipzy_server.domain.plan import CropKey, EditPlan, PlannedTransition
from clipzy_server.domain.style import TransitionType

START_HOUR = 1
_REEL = "AX"


@dataclass(frozen=True, slots=True)
class Clip:
    """Output frames `first_frame` … `end_frame` − 1 between the middles of joins; shows footage from `source_s` on."""

    source_s: Fraction
    first_frame: int
    end_frame: int
    transition: PlannedTransition | None
    crop: tuple[CropKey, ...]

    @property
    def lead_frames(self) -> int:
        """Frames of the transition into this clip that lie before its join."""
        return self.transition.frames // 2 if self.transition else 0


def clips(plan: EditPlan) -> tuple[Clip, ...]:
    """The plan's segments cut at the middles of their joins."""
    joins = [part.first_frame + (part.transition.frames // 2 if part.transition else 0) for part in plan.segments]
    ends = [*joins[1:], plan.frame_count]
    rate = plan.output.frame_rate
    return tuple(
        Clip(part.source_start_s + (join - part.first_frame) / rate, join, end, part.transition, part.crop)
        for part, join, end in zip(plan.segments, joins, ends, strict=True)
    )


def edl_text(plan: EditPlan, footage_name: str) -> str:
    """The timeline as CMX 3600, not drop frame; transitions other than dissolves and wipes are named in comments."""
    rate = plan.output.frame_rate
    channel = "B" if plan.sound is not None else "V"
    lines = ["TITLE: CLIPZY", "FCM: NON-DROP FRAME", ""]
    parts = clips(plan)
    for number, clip in enumerate(parts, 1):
        following = parts[number] if number < len(parts) else None
        first = clip.first_frame - clip.lead_frames
        end = clip.end_frame - (following.lead_frames if following else 0)
        source = round(clip.source_s * rate) - clip.lead_frames
        span = (source, source + end - first, first, end)
        if clip.transition is not None:
            before = parts[number - 2]
            gone = round(before.source_s * rate) + first - before.first_frame
            lines.append(_event(number, channel, "C", (gone, gone, first, first), rate))
        lines.append(_event(number, channel, _edl_kind(clip.transition), span, rate))
        lines.append(f"* FROM CLIP NAME: {footage_name}")
        if clip.transition is not None:
            lines.append(f"* TRANSITION: {clip.transition.type.value} {clip.transition.easing.value}")
    return "\n".join(lines) + "\n"


def _edl_kind(transition: PlannedTransition | None) -> str:
    if transition is None:
        return "C"
    kind = "W001" if transition.type is TransitionType.WIPE else "D"
    return f"{kind:<4} {transition.frames:03d}"


def _event(number: int, channel: str, kind: str, span: tuple[int, int, int, int], rate: Fraction) -> str:
    hour = START_HOUR * 3600 * round(rate)
    codes = " ".join(_timecode(frame + offset, rate) for frame, offset in zip(span, (0, 0, hour, hour), strict=True))
    return f"{number:03d}  {_REEL:<8} {channel:<4}  {kind:<8} {codes}"


def _timecode(frame: int, rate: Fraction) -> str:
    seconds, frames = divmod(max(0, frame), max(1, round(rate)))
    return f"{seconds // 3600 % 24:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frames:02d}"

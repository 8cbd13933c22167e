"""The plan as a timeline of OpenTimelineIO.

Joins lie in the middle of their transitions. Clips of the video track carry the crop in their metadata: `clipzy.crop`,
a list of CropKey.
"""

from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio

from clipzy_server.domain.plan import EditPlan, PlannedTransition
from clipzy_server.domain.style import TransitionType
from clipzy_server.rendering.timeline import START_HOUR, clips


def write_otio(plan: EditPlan, footage_name: str, footage_s: float, path: Path) -> None:
    """Writes the timeline as OTIO JSON; `footage_s` is the length of the footage in seconds."""
    rate = float(plan.output.frame_rate)
    media = otio.opentime.TimeRange(_time(Fraction(0), rate), _time(Fraction(footage_s).limit_denominator(90000), rate))
    tracks = []
    for kind in [otio.schema.TrackKind.Video, *([otio.schema.TrackKind.Audio] if plan.sound else [])]:
        track = otio.schema.Track(name=kind, kind=kind)
        for number, clip in enumerate(clips(plan)):
            if clip.transition is not None:
                track.append(_otio_transition(clip.transition, clip.lead_frames, rate))
            span = otio.opentime.TimeRange(
                _time(clip.source_s, rate), otio.opentime.RationalTime(clip.end_frame - clip.first_frame, rate)
            )
            reference = otio.schema.ExternalReference(target_url=footage_name, available_range=media)
            crop = {"crop": [asdict(key) for key in clip.crop]}
            metadata = {"clipzy": crop} if kind == otio.schema.TrackKind.Video else None
            track.append(otio.schema.Clip(f"shot {number + 1}", reference, span, metadata))
        tracks.append(track)
    timeline = otio.schema.Timeline(
        "Clipzy", global_start_time=otio.opentime.RationalTime(START_HOUR * 3600 * rate, rate)
    )
    timeline.tracks.extend(tracks)
    path.write_text(timeline.to_json_string(indent=1) + "\n", encoding="utf-8")


def _otio_transition(transition: PlannedTransition, lead_frames: int, rate: float) -> "otio.schema.Transition":
    kind = transition.type
    dissolve = otio.schema.TransitionTypes.SMPTE_Dissolve
    return otio.schema.Transition(
        name=kind.value,
        transition_type=dissolve if kind is TransitionType.DISSOLVE else otio.schema.TransitionTypes.Custom,
        in_offset=otio.opentime.RationalTime(lead_frames, rate),
        out_offset=otio.opentime.RationalTime(transition.frames - lead_frames, rate),
        metadata={"clipzy": {"type": kind.value, "easing": transition.easing.value}},
    )


def _time(time_s: Fraction, rate: float) -> "otio.opentime.RationalTime":
    return otio.opentime.RationalTime(float(time_s) * rate, rate)

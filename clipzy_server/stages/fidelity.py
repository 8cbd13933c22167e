"""How near did an output come to its style? Its own style is measured and compared, dimension by dimension."""

from dataclasses import asdict
from pathlib import Path

from clipzy_server.analysis.colour.measure import measure_colour
from clipzy_server.analysis.colour.thumbs import Thumbs
from clipzy_server.analysis.motion.camera import analyse_motion
from clipzy_server.analysis.picture.features import Features
from clipzy_server.analysis.picture.picture_analysis import analyse_picture
from clipzy_server.domain.analysis import PictureAnalysis
from clipzy_server.domain.job import Dimension, DimensionFidelity
from clipzy_server.domain.plan import EditPlan
from clipzy_server.domain.style import Loudness, StyleDna
from clipzy_server.domain.video import VideoMetadata
from clipzy_server.stages.style_extraction import nearest_frame_rate, transitions_of

# Differences that count as nothing in common.
_COLOR_SPAN, _ZOOM_SPAN, _LOUDNESS_SPAN_LU = 50.0, 50.0, 12.0


def measure_fidelity(
    style: StyleDna, plan: EditPlan, features: Path, metadata: VideoMetadata, loudness: Loudness | None
) -> dict[str, DimensionFidelity]:
    """The dimensions that were applied to an output whose features lie in a folder, in the published order.

    What the style or the output says nothing of is left out: the sound of either (`loudness` None without a sound
    track), colours without a look, the pace of a style without cuts, transitions where there is nothing to join.
    """
    found = Features.open(features)
    picture = analyse_picture(found, metadata)
    measured: dict[Dimension, DimensionFidelity | None] = {
        Dimension.COLOR: _color(style, features),
        Dimension.FRAMING: _same(style.aspect_ratio.value, picture.aspect_ratio.value),
        Dimension.FRAME_RATE: _frame_rate(style, picture),
        Dimension.CUTS: _pace(style, picture) if style.cut_frequency > 0 else None,
        Dimension.TRANSITIONS: _transition(style, picture) if len(plan.segments) > 1 else None,
        Dimension.ZOOM: _number(style.zoom_usage, analyse_motion(found, picture).zoom_usage, _ZOOM_SPAN),
        Dimension.AUDIO: _audio(style, loudness),
    }
    return {kind.value: one for kind, one in measured.items() if kind in plan.applied and one is not None}


def _color(style: StyleDna, features: Path) -> DimensionFidelity | None:
    """The six numbers; their mean difference counts."""
    if style.look is None:
        return None
    wanted = asdict(style.color_grade)
    made = asdict(measure_colour(Thumbs.open(features)).grade)
    off = sum(abs(wanted[key] - made[key]) for key in wanted) / len(wanted)
    return DimensionFidelity(_numbers(wanted), _numbers(made), _near(off, _COLOR_SPAN))


def _frame_rate(style: StyleDna, picture: PictureAnalysis) -> DimensionFidelity:
    rate = nearest_frame_rate(picture.frame_rate)
    return DimensionFidelity(float(style.frame_rate), float(rate), float(rate == style.frame_rate))


def _audio(style: StyleDna, loudness: Loudness | None) -> DimensionFidelity | None:
    """The integrated loudness."""
    wanted = style.loudness.integrated_lufs
    made = loudness.integrated_lufs if loudness is not None else None
    return None if wanted is None or made is None else _number(wanted, made, _LOUDNESS_SPAN_LU)


def _near(difference: float, span: float) -> float:
    return round(max(0.0, 1.0 - abs(difference) / span), 3)


def _number(wanted: float, made: float, span: float) -> DimensionFidelity:
    return DimensionFidelity(round(wanted, 3), round(made, 3), _near(wanted - made, span))


def _numbers(grade: dict[str, float]) -> str:
    return " / ".join(f"{value:.0f}" for value in grade.values())


def _same(wanted: str, made: str) -> DimensionFidelity:
    return DimensionFidelity(wanted, made, float(wanted == made))


def _pace(style: StyleDna, picture: PictureAnalysis) -> DimensionFidelity:
    """Cuts per minute; half a cut in the whole output is free, since a whole number of cuts can come no nearer."""
    wanted, made = style.cut_frequency, picture.cut_frequency
    free = 30 / picture.duration_s
    off = max(0.0, abs(wanted - made) - free) / max(wanted, free)
    return DimensionFidelity(round(wanted, 3), round(made, 3), _near(off, 1.0))


def _transition(style: StyleDna, picture: PictureAnalysis) -> DimensionFidelity:
    """The primary transition; half for the type, half for its duration."""
    made, _ = transitions_of([shot.join for shot in picture.shots[1:] if shot.join is not None])
    wanted = style.primary_transition
    longer = max(wanted.duration_ms, made.duration_ms, 1)
    same = wanted.type is made.type
    nearness = 0.5 * same + 0.5 * _near(wanted.duration_ms - made.duration_ms, longer) if same else 0.0
    return DimensionFidelity(
        f"{wanted.type.value} {wanted.duration_ms} ms", f"{made.type.value} {made.duration_ms} ms", round(nearness, 3)
    )

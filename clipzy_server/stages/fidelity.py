"""How near did an output come to its style? Its own Style DNA is measured and compared, dimension by dimension."""

from dataclasses import asdict
from pathlib import Path

from clipzy_server.analysis.colour.measure import measure_colour
from clipzy_server.analysis.colour.thumbs import Thumbs
from clipzy_server.analysis.motion.camera import analyse_motion
from clipzy_server.analysis.picture.features import Features
from clipzy_server.analysis.picture.picture_analysis import analyse_picture
from clipzy_server.domain.analysis import SoundAnalysis
from clipzy_server.domain.job import Dimension, DimensionFidelity
from clipzy_server.domain.plan import EditPlan
from clipzy_server.domain.style import StyleDna
from clipzy_server.domain.video import VideoMetadata
from clipzy_server.stages.style_extraction import Inputs, extract_style

# Differences that count as nothing in common.
_COLOR_SPAN, _ZOOM_SPAN, _LOUDNESS_SPAN_LU = 50.0, 50.0, 12.0


def measure_output(features: Path, metadata: VideoMetadata, sound: SoundAnalysis, style: StyleDna) -> StyleDna:
    """The output's own Style DNA, by its features and its sound; dated like the `style` it was made after."""
    found = Features.open(features)
    picture = analyse_picture(found, metadata)
    colour = measure_colour(Thumbs.open(features))
    return extract_style(Inputs(picture, sound, analyse_motion(found, picture), colour, style.created_at))


def compare_styles(style: StyleDna, made: StyleDna, plan: EditPlan) -> dict[str, DimensionFidelity]:
    """The dimensions that were applied, in the published order; `made` is the output's own Style DNA.

    What the style or the output says nothing of is left out: the sound of either, colours without a look, the pace of
    a style without cuts, transitions where there is nothing to join.
    """
    measured: dict[Dimension, DimensionFidelity | None] = {
        Dimension.COLOR: _color(style, made) if style.look is not None else None,
        Dimension.FRAMING: _same(style.aspect_ratio.value, made.aspect_ratio.value),
        Dimension.FRAME_RATE: _frame_rate(style, made),
        Dimension.CUTS: _pace(style, made) if style.cut_frequency > 0 else None,
        Dimension.TRANSITIONS: _transition(style, made) if len(plan.segments) > 1 else None,
        Dimension.ZOOM: _number(style.zoom_usage, made.zoom_usage, _ZOOM_SPAN),
        Dimension.AUDIO: _audio(style, made),
    }
    return {kind.value: one for kind, one in measured.items() if kind in plan.applied and one is not None}


def _color(style: StyleDna, made: StyleDna) -> DimensionFidelity:
    """The six numbers; their mean difference counts."""
    wanted, found = asdict(style.color_grade), asdict(made.color_grade)
    off = sum(abs(wanted[key] - found[key]) for key in wanted) / len(wanted)
    return DimensionFidelity(_numbers(wanted), _numbers(found), _near(off, _COLOR_SPAN))


def _frame_rate(style: StyleDna, made: StyleDna) -> DimensionFidelity:
    same = float(style.frame_rate == made.frame_rate)
    return DimensionFidelity(float(style.frame_rate), float(made.frame_rate), same)


def _audio(style: StyleDna, made: StyleDna) -> DimensionFidelity | None:
    """The integrated loudness."""
    wanted, found = style.loudness.integrated_lufs, made.loudness.integrated_lufs
    return None if wanted is None or found is None else _number(wanted, found, _LOUDNESS_SPAN_LU)


def _near(difference: float, span: float) -> float:
    return round(max(0.0, 1.0 - abs(difference) / span), 3)


def _number(wanted: float, made: float, span: float) -> DimensionFidelity:
    return DimensionFidelity(round(wanted, 3), round(made, 3), _near(wanted - made, span))


def _numbers(grade: dict[str, float]) -> str:
    return " / ".join(f"{value:.0f}" for value in grade.values())


def _same(wanted: str, made: str) -> DimensionFidelity:
    return DimensionFidelity(wanted, made, float(wanted == made))


def _pace(style: StyleDna, made: StyleDna) -> DimensionFidelity:
    """Cuts per minute; half a cut in the whole output is free, since a whole number of cuts can come no nearer."""
    wanted, found = style.cut_frequency, made.cut_frequency
    free = 30 / made.source_duration_seconds
    off = max(0.0, abs(wanted - found) - free) / max(wanted, free)
    return DimensionFidelity(round(wanted, 3), round(found, 3), _near(off, 1.0))


def _transition(style: StyleDna, made: StyleDna) -> DimensionFidelity:
    """The primary transition; half for the type, half for its duration."""
    wanted, found = style.primary_transition, made.primary_transition
    longer = max(wanted.duration_ms, found.duration_ms, 1)
    same = wanted.type is found.type
    nearness = 0.5 + 0.5 * _near(wanted.duration_ms - found.duration_ms, longer) if same else 0.0
    return DimensionFidelity(
        f"{wanted.type.value} {wanted.duration_ms} ms", f"{found.type.value} {found.duration_ms} ms", round(nearness, 3)
    )

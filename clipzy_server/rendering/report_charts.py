"""The drawings of the report, as SVG: the timeline with its beats, the tones of style and output, their colours."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from html import escape

from clipzy_server.domain.analysis import SoundAnalysis
from clipzy_server.domain.plan import EditPlan
from clipzy_server.domain.style import PaletteColor, StyleDna
from clipzy_server.rendering.timeline import clips

_WIDTH, _TIMELINE_HEIGHT, _CHART_HEIGHT = 1000, 62, 220
_SHOT, _ZOOMED_SHOT, _MARK, _BEAT = "#3f3f46", "#52525b", "#4ade80", "#facc15"


def beats_shown(plan: EditPlan, sound: SoundAnalysis) -> Iterator[float]:
    """When the footage's beats are heard in the output, seconds, ascending."""
    rate = plan.output.frame_rate
    for clip in clips(plan):
        length_s = (clip.end_frame - clip.first_frame) / rate
        for beat in sound.beats:
            into_s = Fraction(beat.timestamp_ms, 1000) - clip.source_s
            if 0 <= into_s < length_s:
                yield float(clip.first_frame / rate + into_s)


def timeline_svg(plan: EditPlan, beats_s: Sequence[float]) -> str:
    """Shots as boxes, lighter where they zoom, transitions as bands, beats as ticks below."""
    scale = _WIDTH / plan.frame_count
    parts = []
    for clip, segment in zip(clips(plan), plan.segments, strict=True):
        left, width = clip.first_frame * scale, (clip.end_frame - clip.first_frame) * scale
        shade = _ZOOMED_SHOT if segment.zoom is not None else _SHOT
        size = f'width="{max(0.5, width - 1.5):.1f}" height="30"'
        parts.append(f'<rect x="{left:.1f}" y="8" {size} rx="3" fill="{shade}"/>')
        if clip.transition is not None:
            band = clip.transition.frames * scale
            begin = left - clip.lead_frames * scale
            parts.append(f'<rect x="{begin:.1f}" y="8" width="{band:.1f}" height="30" fill="{_MARK}" opacity=".5"/>')
    for beat_s in beats_s:
        at = beat_s * float(plan.output.frame_rate) * scale
        parts.append(f'<rect x="{at - 0.75:.1f}" y="44" width="1.5" height="10" fill="{_BEAT}"/>')
    return _svg(_TIMELINE_HEIGHT, "Timeline", parts)


def tones_svg(style: StyleDna, made: StyleDna) -> str:
    """Quantiles of lightness, style and output: a point on the line says how dark the darker share of the pixels is."""
    parts = []
    for one, colour, dash in ((style, _BEAT, "7 5"), (made, _MARK, "none")):
        if one.look is None:
            continue
        tones = one.look.lightness
        step = _WIDTH / max(1, len(tones) - 1)
        points = " ".join(f"{k * step:.1f},{_CHART_HEIGHT * (1 - tone):.1f}" for k, tone in enumerate(tones))
        line = f'fill="none" stroke="{colour}" stroke-width="3" stroke-dasharray="{dash}"'
        parts.append(f'<polyline points="{points}" {line}/>')
    return _svg(_CHART_HEIGHT, "Lightness", parts)


def palette_svg(palette: Sequence[PaletteColor]) -> str:
    """The colours, as wide as their shares."""
    parts, left = [], 0.0
    for one in palette:
        width = one.share * _WIDTH
        parts.append(f'<rect x="{left:.1f}" y="0" width="{width:.1f}" height="40" fill="{escape(one.color)}"/>')
        left += width
    return _svg(40, "Palette", parts)


def _svg(height: int, name: str, parts: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{name}">{"".join(parts)}</svg>'

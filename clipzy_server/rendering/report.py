"""The report of a job: one self-contained HTML page that loads nothing from anywhere."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from string import Template

from clipzy_server.domain.job import DimensionFidelity
from clipzy_server.domain.plan import EditPlan
from clipzy_server.domain.style import StyleDna
from clipzy_server.rendering.report_charts import palette_svg, timeline_svg, tones_svg
from clipzy_server.rendering.timeline import clips

_PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Clipzy report</title><style>
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}
body{background:#18181b;color:#e4e4e7}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}img{max-width:100%;border-radius:6px}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.35rem .7rem;border-bottom:1px solid #3f3f46}
td.n{font-variant-numeric:tabular-nums}.bar{background:#3f3f46;border-radius:4px;height:.6rem;width:8rem}
.bar i{display:block;background:#4ade80;border-radius:4px;height:100%}.off{color:#a1a1aa}svg{width:100%;height:auto}
.pair{display:flex;gap:.5rem;margin:.5rem 0;align-items:flex-start}.pair img{width:50%;object-fit:contain}
</style></head><body>
<h1>What was done, and how near it came</h1>
<p>$summary</p>
<h2>Template, footage, output</h2>
<p><img alt="Rows of frames: template, footage, output" src="data:image/png;base64,$sheet"></p>
<h2>Before and after</h2>$pairs
<h2>What was applied, measured on the output</h2>
<table><tr><th>Dimension</th><th>Style</th><th>Output</th><th>Nearness</th></tr>$rows</table>
<h2>Field by field</h2>
<table><tr><th>Field</th><th>Style</th><th>Output</th></tr>$fields</table>
<h2>Timeline</h2>$timeline
<p class="off">Boxes are shots, lighter ones zoom or are closer; green bands are transitions, yellow ticks beats.</p>
<h2>Tones</h2>$tones
<p class="off">From the darkest to the brightest pixels: dashed the style, green the output.</p>
<h2>Colours</h2>
<p class="off">Style</p>$style_palette<p class="off">Output</p>$made_palette
<h2>Shots</h2>
<table><tr><th>#</th><th>Output, s</th><th>Footage, s</th><th>Way in</th><th>Zoom</th></tr>$shots</table>
</body></html>
""")


@dataclass(frozen=True, slots=True)
class Told:
    """What the report tells: the style, the output's own, how near it came, and when beats are heard in it, seconds."""

    style: StyleDna
    made: StyleDna
    fidelity: Mapping[str, DimensionFidelity]
    beats_s: tuple[float, ...]


def report_html(plan: EditPlan, told: Told, sheet_png: bytes, pairs: Iterable[tuple[bytes, bytes]]) -> str:
    """The page. `sheet_png` is the contact sheet as a PNG file, `pairs` are frames before and after as JPEG files."""
    output = plan.output
    summary = (
        f"{len(plan.segments)} shots in {float(plan.duration_s):.2f} s, {output.width} × {output.height} at "
        f"{float(output.frame_rate):.3f} frames per second, quality {output.quality.value}."
    )
    return _PAGE.substitute(
        summary=escape(summary),
        sheet=_base64(sheet_png),
        pairs="".join(map(_pair, pairs)),
        rows="".join(_row(name, one) for name, one in told.fidelity.items()),
        fields="".join(_fields(told.style, told.made)),
        timeline=timeline_svg(plan, told.beats_s),
        tones=tones_svg(told.style, told.made),
        style_palette=palette_svg(told.style.palette),
        made_palette=palette_svg(told.made.palette),
        shots=_shots(plan),
    )


def _base64(file: bytes) -> str:
    return base64.b64encode(file).decode("ascii")


def _pair(pair: tuple[bytes, bytes]) -> str:
    images = (f'<img alt="" src="data:image/jpeg;base64,{_base64(one)}">' for one in pair)
    return f"<div class=pair>{''.join(images)}</div>"


def _fields(style: StyleDna, made: StyleDna) -> Sequence[str]:
    """A row for each field that is a number or a word, under its name in the Style DNA."""
    wanted, found = _flat(style), _flat(made)
    return [
        f"<tr><td>{escape(name)}</td><td class=n>{_value(value)}</td><td class=n>{_value(found[name])}</td></tr>"
        for name, value in wanted.items()
    ]


def _flat(style: StyleDna) -> dict[str, float | str | None]:
    flat: dict[str, float | str | None] = {
        f"color_grade.{name}": value for name, value in asdict(style.color_grade).items()
    }
    transition = style.primary_transition
    flat |= {
        "aspect_ratio": style.aspect_ratio.value,
        "frame_rate": float(style.frame_rate),
        "cut_frequency": style.cut_frequency,
        "primary_transition": f"{transition.type.value}, {transition.duration_ms} ms, {transition.easing.value}",
        "zoom_usage": style.zoom_usage,
        "motion_intensity": style.motion_intensity,
        "audio_style.compression_ratio": style.audio_style.compression_ratio,
        "audio_style.bass_boost": style.audio_style.bass_boost,
        "audio_style.enhance_speech": "yes" if style.audio_style.enhance_speech else "no",
        "loudness.integrated_lufs": style.loudness.integrated_lufs,
        "loudness.range_lu": style.loudness.range_lu,
        "loudness.true_peak_dbtp": style.loudness.true_peak_dbtp,
    }
    return flat


def _row(name: str, one: DimensionFidelity) -> str:
    return (
        f"<tr><td>{escape(name)}</td><td class=n>{_value(one.template)}</td>"
        f"<td class=n>{_value(one.output)}</td>"
        f'<td><div class=bar title="{one.nearness:.2f}"><i style="width:{100 * one.nearness:.0f}%"></i></div></td></tr>'
    )


def _value(value: float | str | None) -> str:
    if value is None:
        return "–"
    return escape(value) if isinstance(value, str) else f"{value:.4g}"


def _shots(plan: EditPlan) -> str:
    rate = plan.output.frame_rate
    lines = []
    for number, (clip, segment) in enumerate(zip(clips(plan), plan.segments, strict=True), 1):
        way = "cut"
        if clip.transition is not None:
            way = f"{clip.transition.type.value}, {float(clip.transition.frames / rate):.2f} s"
        zoom = f"{segment.zoom.start_scale:.2f} → {segment.zoom.end_scale:.2f}" if segment.zoom else "–"
        begin, end = clip.first_frame / rate, clip.end_frame / rate
        source = float(clip.source_s)
        lines.append(
            f"<tr><td>{number}</td><td class=n>{float(begin):.2f} – {float(end):.2f}</td>"
            f"<td class=n>{source:.2f} – {source + float(end - begin):.2f}</td>"
            f"<td>{way if number > 1 else 'start'}</td><td>{zoom}</td></tr>"
        )
    return "".join(lines)

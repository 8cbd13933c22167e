"""The report of a job: one self-contained HTML page that loads nothing from anywhere."""

import base64
from collections.abc import Mapping
from html import escape
from string import Template

from clipzy_server.domain.job import DimensionFidelity
from clipzy_server.domain.plan import EditPlan
from clipzy_server.rendering.timeline import clips

_PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Clipzy report</title><style>
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}
body{background:#18181b;color:#e4e4e7}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}img{max-width:100%;border-radius:6px}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.35rem .7rem;border-bottom:1px solid #3f3f46}
td.n{font-variant-numeric:tabular-nums}.bar{background:#3f3f46;border-radius:4px;height:.6rem;width:8rem}
.bar i{display:block;background:#4ade80;border-radius:4px;height:100%}.off{color:#a1a1aa}svg{width:100%;height:auto}
</style></head><body>
<h1>What was done, and how near it came</h1>
<p>$summary</p>
<h2>Template, footage, output</h2>
<p><img alt="Rows of frames: template, footage, output" src="data:image/png;base64,$sheet"></p>
<h2>What was applied, measured on the output</h2>
<table><tr><th>Dimension</th><th>Style</th><th>Output</th><th>Nearness</th></tr>$rows</table>
<h2>Timeline</h2>$timeline
<p class="off">Boxes are shots, lighter ones zoom; green bands are transitions.</p>
<h2>Shots</h2>
<table><tr><th>#</th><th>Output, s</th><th>Footage, s</th><th>Way in</th><th>Zoom</th></tr>$shots</table>
</body></html>
""")
_WIDTH, _HEIGHT = 1000, 46


def report_html(plan: EditPlan, fidelity: Mapping[str, DimensionFidelity], sheet_png: bytes) -> str:
    """The page. `sheet_png` is the contact sheet as a PNG file."""
    output = plan.output
    summary = (
        f"{len(plan.segments)} shots in {float(plan.duration_s):.2f} s, {output.width} × {output.height} at "
        f"{float(output.frame_rate):.3f} frames per second, quality {output.quality.value}."
    )
    return _PAGE.substitute(
        summary=escape(summary),
        sheet=base64.b64encode(sheet_png).decode("ascii"),
        rows="".join(_row(name, one) for name, one in fidelity.items()),
        timeline=_timeline(plan),
        shots=_shots(plan),
    )


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


def _timeline(plan: EditPlan) -> str:
    scale = _WIDTH / plan.frame_count
    parts = []
    for clip, segment in zip(clips(plan), plan.segments, strict=True):
        left, width = clip.first_frame * scale, (clip.end_frame - clip.first_frame) * scale
        shade = "#52525b" if segment.zoom is not None else "#3f3f46"
        size = f'width="{max(0.5, width - 1.5):.1f}" height="30"'
        parts.append(f'<rect x="{left:.1f}" y="8" {size} rx="3" fill="{shade}"/>')
        if clip.transition is not None:
            band = clip.transition.frames * scale
            begin = left - clip.lead_frames * scale
            parts.append(f'<rect x="{begin:.1f}" y="8" width="{band:.1f}" height="30" fill="#4ade80" opacity=".5"/>')
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Timeline">{"".join(parts)}</svg>'

"""The picture as one HTML page that loads nothing from anywhere, with everything in it as tables too."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from html import escape
from string import Template

from clipzy_server.domain.inspection import Inspection
from clipzy_server.rendering.inspection.cards import known
from clipzy_server.rendering.inspection.drawing import DARK, LIGHT, font_css, theme_css
from clipzy_server.rendering.inspection.picture import picture_svg, summary
from clipzy_server.rendering.inspection.timeline import overlay_span_s

_PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>$name – Style DNA</title><style>
$font
:root{color-scheme:light dark;--ground:$light_ground;--ink:$light_ink;--faint:$light_faint;--rule:$light_rule}
$light
@media (prefers-color-scheme:dark){
:root{--ground:$dark_ground;--ink:$dark_ink;--faint:$dark_faint;--rule:$dark_rule}
$dark}
body{margin:0 auto;max-width:100rem;padding:0 0 3rem;background:var(--ground);color:var(--ink);
font:16px/1.5 'Source Sans Pro',system-ui,sans-serif}
svg{display:block;width:100%;min-width:60rem;height:auto}.wide{overflow-x:auto}
main{padding:0 2.5%}h1{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
h2{font-size:1.1rem;margin:2rem 0 .5rem}p{color:var(--faint);max-width:50rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}caption{text-align:left;color:var(--faint)}
th,td{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--rule);vertical-align:top}
th{font-weight:600}summary{cursor:pointer;font-weight:600;margin-top:2rem}
</style></head><body>
<h1>The style of $name</h1>
<div class="wide" tabindex="0">$picture</div>
<main>
<p>$summary. Measured at $created. Point at a shot, a join or a beat to read it.</p>
<h2>Fields</h2>$fields
<h2>Shots</h2>$shots
$words
<details><summary>Beats ($beat_count)</summary>$beats</details>
</main></body></html>
""")


def inspection_html(seen: Inspection) -> str:
    """The page."""
    style = seen.style
    colours = {f"{kind}_{name}": theme[name] for kind, theme in (("light", LIGHT), ("dark", DARK)) for name in _NAMED}
    beats = ((f"{b.timestamp_ms / 1000:.3f}", b.frequency.value, f"{b.confidence:.2f}") for b in style.detected_beats)
    return _PAGE.substitute(
        colours,
        name=escape(seen.name),
        font=font_css(),
        light=theme_css(LIGHT),
        dark=theme_css(DARK),
        picture=picture_svg(seen),
        summary=escape(summary(seen)),
        created=style.created_at.isoformat(),
        fields=_table(("Field", "Value", "Confidence"), _fields(seen)),
        shots=_table(("#", "From, s", "To, s", "Way in", "Confidence"), _shots(seen)),
        words=_words(seen),
        beat_count=len(style.detected_beats),
        beats=_table(("Time, s", "Band", "Confidence"), beats),
    )


_NAMED = ("ground", "ink", "faint", "rule")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _fields(seen: Inspection) -> list[tuple[str, str, str]]:
    """Every field that is one value, by its dotted name."""
    style = seen.style
    values: dict[str, object] = {}
    for group in ("color_grade", "audio_style", "camera", "loudness"):
        values |= {f"{group}.{name}": value for name, value in asdict(getattr(style, group)).items()}
    for name in ("primary_transition", "secondary_transition"):
        kind = getattr(style, name)
        values[name] = None if kind is None else f"{kind.type.value}, {kind.duration_ms} ms, {kind.easing.value}"
    plain = (
        "aspect_ratio",
        "frame_rate",
        "cut_frequency",
        "motion_intensity",
        "zoom_usage",
        "tempo_bpm",
        "music_genre",
    )
    values |= {name: getattr(style, name) for name in (*plain, "use_subtitles", "source_duration_seconds")}
    values["palette"] = ", ".join(f"{one.color} {100 * one.share:.0f} %" for one in style.palette)
    values["extraction_confidence"] = style.extraction_confidence
    sure = style.field_confidence
    return [(n, _shown(value), known(sure.get(n, sure.get(n.split(".")[0])), ".2f")) for n, value in values.items()]


def _shown(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return known(value, ".6g") if isinstance(value, float) else str(value)


def _shots(seen: Inspection) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for number, shot in enumerate(seen.style.shots, 1):
        join = shot.transition_in
        way = "start" if join is None else join.type.value
        if join is not None and join.duration_ms:
            way += f", {join.start_ms / 1000:.3f} s, {join.duration_ms} ms, {join.easing.value}"
        sure = known(join.confidence if join else None, ".2f")
        rows.append((str(number), f"{shot.start_ms / 1000:.3f}", f"{shot.end_ms / 1000:.3f}", way, sure))
    return rows


def _words(seen: Inspection) -> str:
    overlays = seen.style.text_overlays
    if not overlays:
        return ""
    rows = []
    for number, one in enumerate(overlays):
        start_s, end_s = overlay_span_s(seen, number)
        rows.append((one.content, one.position, f"{start_s:.2f}", f"{end_s:.2f}", str(one.size_px), one.color))
    heads = ("Words", "Where", "From, s", "To, s", "Height, px", "Colour")
    return f"<h2>Words on the picture</h2>{_table(heads, rows)}"

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

from PIL import Image

from clipzy_server.domain.style import ColorGrade, StyleShot
from clipzy_server.rendering.inspection.drawing import DARK
from clipzy_server.rendering.inspection.page import inspection_html
from clipzy_server.rendering.inspection.picture import picture_png, picture_svg
from tests.unit.rendering.inspection.seen import inspection

SVG = "{http://www.w3.org/2000/svg}"


def words_of(svg: str) -> list[str]:
    return [text.text or "" for text in ET.fromstring(svg).iter(f"{SVG}text")]


def test_the_drawing_is_well_formed_and_every_colour_has_its_class():
    svg = picture_svg(inspection())
    ET.fromstring(svg)
    used = {name[2:] for classes in re.findall(r'class="([^"]+)"', svg) for name in classes.split()}
    assert used <= DARK.keys()


def test_rows_tell_what_was_measured():
    words = words_of(picture_svg(inspection()))
    for row in ("Frames", "Shots", "Words", "Motion", "Sound", "Loudness", "Beats", "Music", "Speech"):
        assert row in words
    assert {"a <clip> & more.mp4", "Good <evening>", "2 shots", "dissolve", "17.2", "1080 × 1440"} <= set(words)


def test_without_sound_or_words_there_are_no_rows_of_them():
    seen = inspection()
    bare = replace(seen, sound=None, style=replace(seen.style, text_overlays=(), detected_beats=()))
    words = words_of(picture_svg(bare))
    assert "no sound track" in words
    assert not {"Loudness", "Beats", "Music", "Speech", "Words"} & set(words)


def test_words_that_are_seen_together_have_lines_of_their_own():
    svg = ET.fromstring(picture_svg(inspection()))
    lines = {t.get("y") for t in svg.iter(f"{SVG}text") if t.text in ("Good <evening>", "Chapter one")}
    assert len(lines) == 2


def test_the_page_loads_nothing_and_says_everything_in_tables():
    page = inspection_html(inspection())
    outside = re.findall(r'(?:src|href)="(?!data:)[^"]*"|url\((?!data:|#)[^)]*\)|<script|<link', page)
    assert outside == []
    assert "a <clip>" not in page
    for cell in (
        "dissolve, 4.500 s, 1000 ms, ease-in",
        "Good &lt;evening&gt;",
        "color_grade.temperature",
        "0.480",
        "bass",
    ):
        assert f"<td>{cell}</td>" in page
    assert "prefers-color-scheme:dark" in page
    assert 'role="img"' in page


def test_extreme_numbers_stay_inside_the_picture(tmp_path):
    seen = inspection()
    style = replace(seen.style, color_grade=ColorGrade(-100, 100, 100, -100, 100, -100), shots=(StyleShot(0, 99_000),))
    path = tmp_path / "p.png"
    path.write_bytes(picture_png(replace(seen, style=style, thumbnails=())))
    with Image.open(path) as image:
        assert image.width == 3200
        corner = image.convert("RGB").crop((3130, 300, 3200, 1000))
    ground = tuple(int(DARK["ground"][at : at + 2], 16) for at in (1, 3, 5))
    assert {color for _, color in corner.getcolors()} == {ground}

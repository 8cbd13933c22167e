import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from clipzy_server.analysis.words.ink import measure_ink


def line(fill, edge, ground, size_px=40):
    """Planes of a line (BT.709, limited) with a textured ground, and the rows between which its letters stand."""
    image = Image.new("RGB", (420, 70), ground)
    font = ImageFont.load_default(size_px)
    draw = ImageDraw.Draw(image)
    box = draw.textbbox((210, 12), "Hamburg line", font=font, anchor="ma")
    stroke = 2 if edge else 0
    draw.text((210, 12), "Hamburg line", font=font, fill=fill, stroke_width=stroke, stroke_fill=edge, anchor="ma")
    rgb = np.clip(np.asarray(image, np.float32) + np.random.default_rng(0).normal(0, 4, (70, 420, 1)), 0, 255) / 255
    y = 0.2126 * rgb[..., 0] + 0.7152 * rgb[..., 1] + 0.0722 * rgb[..., 2]
    u, v = (rgb[..., 2] - y) / 1.8556, (rgb[..., 0] - y) / 1.5748
    planes = [np.rint(part).astype(np.uint8) for part in (16 + 219 * y, 128 + 224 * u, 128 + 224 * v)]
    return planes, box


@pytest.mark.parametrize(
    ("fill", "edge", "ground"),
    [
        ("#ffffff", "#000000", "#7090a0"),
        ("#ffe14a", "#000000", "#c8c8c8"),
        ("#111111", None, "#e0e0d8"),
        ("#ffffff", None, "#203040"),
        ("#c03030", "#ffffff", "#506050"),
    ],
)
def test_the_inside_of_letters_is_what_is_measured(fill, edge, ground):
    planes, box = line(fill, edge, ground)
    ink = measure_ink(*planes, None)
    wanted = np.array([int(fill[at : at + 2], 16) for at in (1, 3, 5)])
    found = np.array([int(ink.color[at : at + 2], 16) for at in (1, 3, 5)])
    assert np.abs(found - wanted).max() < 25
    assert ink.bottom - ink.top == pytest.approx(box[3] - box[1], rel=0.3)
    assert box[1] - 4 <= ink.top
    assert ink.bottom <= box[3] + 4


def test_one_even_tone_has_no_letters_and_its_own_colour():
    grey = np.full((20, 60), 128, np.uint8)
    assert measure_ink(grey, grey, grey, None).color == "#828282"

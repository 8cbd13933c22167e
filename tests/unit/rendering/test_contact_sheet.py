"""The sheet's rows are equally wide whatever the shape of the videos."""

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from clipzy_server.rendering.contact_sheet import Row, contact_sheet

GROUND_LUMA = 26
SIZES = {"tall": (90, 160), "wide": (160, 90), "huge": (640, 360), "needle": (20, 160)}


def row(name):
    """Four pictures of one bright tone."""
    return Row(name, [Fraction(n, 8) for n in (1, 3, 5, 7)], [Image.new("RGB", SIZES[name], (214, 214, 214))] * 4)


def bright_columns(sheet, top, bottom):
    """Share of the sheet's columns that a row's pictures cover."""
    return (np.asarray(sheet.convert("L"))[top:bottom] > 180).any(axis=0).mean()


@pytest.mark.parametrize("name", ["tall", "wide", "huge"])
def test_every_usual_shape_fills_the_width(name):
    sheet = contact_sheet([row(name)])
    assert bright_columns(sheet, 60, sheet.height - 55) > 0.92


def test_a_very_tall_picture_is_held_by_its_height():
    sheet = contact_sheet([row("needle")])
    assert sheet.height < 550
    assert sheet.width == contact_sheet([row("wide")]).width


def test_rows_of_all_shapes_share_columns():
    sheet = contact_sheet([row("tall"), row("wide")])
    bright = np.asarray(sheet.convert("L")) > 180
    tall = bright[70:440].all(axis=0)
    wide = bright[570:610].all(axis=0)
    assert np.array_equal(tall, wide)
    assert tall.mean() > 0.9


def test_captions_and_times_are_drawn():
    luma = np.asarray(contact_sheet([row("wide")]).convert("L")).astype(int)
    assert (luma[16:46] > GROUND_LUMA + 60).sum() > 50
    assert (luma[-48:-22] > GROUND_LUMA + 60).sum() > 50

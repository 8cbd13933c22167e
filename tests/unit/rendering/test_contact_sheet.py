"""The sheet's rows are equally wide whatever the shape of the videos."""

from fractions import Fraction

import numpy as np
import pytest

from clipzy_server.domain.job import Quality
from clipzy_server.domain.plan import OutputFormat
from clipzy_server.media.writer import Mp4Writer
from clipzy_server.rendering.contact_sheet import Row, contact_sheet, evenly

GROUND_LUMA = 26


def clip(path, width, height):
    """Half a second of one bright tone."""
    with Mp4Writer(path, OutputFormat(width, height, Fraction(10), Quality.LOW), has_sound=False) as writer:
        for _ in range(5):
            planes = np.full((height * 3 // 2, width), 200, np.uint8)
            planes[height:] = 128
            writer.write_picture(planes)
    return Row(path.stem, path, evenly(Fraction(1, 2), 4))


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sheet")
    sizes = {"tall": (90, 160), "wide": (160, 90), "huge": (640, 360), "needle": (20, 160)}
    return {name: clip(folder / f"{name}.mp4", *size) for name, size in sizes.items()}


def bright_columns(sheet, top, bottom):
    """Share of the sheet's columns that a row's pictures cover."""
    return (np.asarray(sheet.convert("L"))[top:bottom] > 180).any(axis=0).mean()


@pytest.mark.parametrize("name", ["tall", "wide", "huge"])
def test_every_usual_shape_fills_the_width(rows, name):
    sheet = contact_sheet([rows[name]])
    assert bright_columns(sheet, 60, sheet.height - 55) > 0.92


def test_a_very_tall_picture_is_held_by_its_height(rows):
    sheet = contact_sheet([rows["needle"]])
    assert sheet.height < 550
    assert sheet.width == contact_sheet([rows["wide"]]).width


def test_rows_of_all_shapes_share_columns(rows):
    sheet = contact_sheet([rows["tall"], rows["wide"]])
    bright = np.asarray(sheet.convert("L")) > 180
    tall = bright[70:440].all(axis=0)
    wide = bright[570:610].all(axis=0)
    assert np.array_equal(tall, wide)
    assert tall.mean() > 0.9


def test_captions_and_times_are_drawn(rows):
    luma = np.asarray(contact_sheet([rows["wide"]]).convert("L")).astype(int)
    assert (luma[16:46] > GROUND_LUMA + 60).sum() > 50
    assert (luma[-48:-22] > GROUND_LUMA + 60).sum() > 50

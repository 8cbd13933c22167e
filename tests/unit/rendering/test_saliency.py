"""The subject is found by its own motion under a moving camera, and by standing out from the picture's borders."""

import numpy as np
import pytest

from clipzy_server.rendering.footage import Thumbs
from clipzy_server.rendering.own_motion import own_motion
from clipzy_server.rendering.saliency import saliency

HEIGHT, WIDTH = 54, 96
DIAGONAL_PX = np.hypot(HEIGHT, WIDTH)
CHROMA = (HEIGHT // 2, WIDTH // 2)


def ground(seed=4):
    """Smooth texture, larger than the picture: float [114, 196]."""
    coarse = np.random.default_rng(seed).uniform(60, 190, (19, 28))
    rows, columns = np.linspace(0, 18, 114), np.linspace(0, 27, 196)
    across = np.array([np.interp(columns, np.arange(28), row) for row in coarse])
    return np.array([np.interp(rows, np.arange(19), column) for column in across.T]).T


def thumbs_of(pictures, motion=None):
    y = np.clip(np.rint(pictures), 16, 235).astype(np.uint8)
    even = np.full((len(y), *CHROMA), 128, np.uint8)
    return Thumbs(np.arange(len(y)) / 10, y, even, even, motion)


def panned(step_px, subject_step_px, known=True):
    """Seven pictures a tenth of a second apart: the camera pans, a textured square moves by itself."""
    whole, square, pictures = ground(), ground(9)[:12, :12], []
    for k in range(7):
        left = 30 + k * step_px
        picture = whole[30 : 30 + HEIGHT, left : left + WIDTH].copy()
        at = 40 + k * subject_step_px
        picture[20:32, at : at + 12] = square
        pictures.append(picture)
    motion = np.zeros((7, 6), np.float32)
    motion[1:, 0] = -step_px / DIAGONAL_PX
    return thumbs_of(np.array(pictures), motion if known else None)


def share_on_subject(found, subject_step_px):
    left = (40 + 3 * subject_step_px) // 2
    return found[9:17, left - 2 : left + 8].sum() / found.sum()


@pytest.mark.parametrize("step_px", [0, 3, -4])
def test_only_the_subject_moves_by_itself_whatever_the_camera_does(step_px):
    found = own_motion(panned(step_px, 2), 3)
    assert found.max() > 5
    assert share_on_subject(found, 2) > 0.75


def test_a_subject_the_camera_follows_moves_by_itself():
    assert share_on_subject(own_motion(panned(3, 0), 3), 0) > 0.75


def test_without_the_cameras_motion_the_ground_seems_to_move():
    assert share_on_subject(own_motion(panned(4, 0, known=False), 3), 0) < 0.5


def test_a_camera_that_pans_over_still_ground_moves_nothing():
    whole = ground()
    pictures = np.array([whole[30 : 30 + HEIGHT, 30 + 3 * k : 30 + 3 * k + WIDTH] for k in range(7)])
    motion = np.zeros((7, 6), np.float32)
    motion[1:, 0] = -3 / DIAGONAL_PX
    assert own_motion(thumbs_of(pictures, motion), 3).max() < 2


def test_growth_of_the_picture_is_the_cameras_too():
    whole, pictures = ground(), []
    rows, columns = np.mgrid[:HEIGHT, :WIDTH] * 1.0
    for k in range(7):
        scale = np.exp(-0.02 * k)
        at_row = 57 + (rows - (HEIGHT - 1) / 2) * scale
        at_column = 98 + (columns - (WIDTH - 1) / 2) * scale
        pictures.append(_sampled(whole, at_row, at_column))
    motion = np.zeros((7, 6), np.float32)
    motion[1:, 2] = 0.02
    grown = np.array(pictures)
    assert own_motion(thumbs_of(grown, motion), 3).max() < 2
    assert own_motion(thumbs_of(grown), 3).max() > 4


def _sampled(whole, rows, columns):
    low_row, low_column = rows.astype(int), columns.astype(int)
    down, right = rows - low_row, columns - low_column
    top = whole[low_row, low_column] * (1 - right) + whole[low_row, low_column + 1] * right
    bottom = whole[low_row + 1, low_column] * (1 - right) + whole[low_row + 1, low_column + 1] * right
    return top * (1 - down) + bottom * down


def test_one_picture_alone_shows_no_motion():
    assert own_motion(thumbs_of(ground()[None, :HEIGHT, :WIDTH]), 0).max() == 0


def test_a_bright_sky_at_the_border_is_less_than_a_thing_in_the_middle():
    picture = np.full((HEIGHT, WIDTH), 80.0)
    picture[:25, 50:] = 230
    picture[30:40, 20:30] = 150
    found = saliency(thumbs_of(picture[None]), 0)
    assert found[15:20, 10:15].mean() > 2.5 * found[:12, 26:].mean()


def test_a_thing_that_touches_the_lower_border_still_stands_out():
    picture = np.tile(np.linspace(90, 110, WIDTH), (HEIGHT, 1))
    picture[24:, 60:72] = 200
    found = saliency(thumbs_of(picture[None]), 0)
    assert found[12:, 29:37].sum() > 0.8 * found.sum()


def test_what_moves_outweighs_what_only_stands_out():
    still, pictures = np.full((HEIGHT, WIDTH), 90.0), []
    still[20:32, 70:82] = 200
    for k in range(7):
        picture = still.copy()
        picture[22:34, 10 + 2 * k : 22 + 2 * k] = 200
        pictures.append(picture)
    found = saliency(thumbs_of(np.array(pictures)), 3)
    assert found[:, :20].sum() > found[:, 30:].sum()


def test_an_even_picture_shows_nothing():
    assert saliency(thumbs_of(np.full((1, HEIGHT, WIDTH), 120.0)), 0).max() == 0

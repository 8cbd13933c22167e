import numpy as np
import pytest

from clipzy_server.analysis.picture.bars import BarMeter
from clipzy_server.domain.analysis import ActivePicture

HEIGHT, WIDTH = 180, 320
FULL = ActivePicture(0, 0, 1920, 1080)


def picture(seed, bright=1.0):
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(30, 230, (9, 16)) * bright
    return np.clip(np.kron(coarse, np.ones((20, 20))) + rng.normal(0, 2, (HEIGHT, WIDTH)), 16, 235).astype(np.float32)


def barred(inner, top=0, left=0, level=16):
    out = np.full_like(inner, level) + np.random.default_rng(9).uniform(0, 2, inner.shape).astype(np.float32)
    kept = slice(top, HEIGHT - top), slice(left, WIDTH - left)
    out[kept] = inner[kept]
    return out


def active(pictures):
    meter = BarMeter()
    for one in pictures:
        meter.push(one)
    return meter.active(1920, 1080)


@pytest.mark.parametrize("level", [0, 16, 40])
def test_letterboxes_are_found_black_or_lifted(level):
    found = active(barred(picture(n), top=24, level=level) for n in range(12))
    assert found == ActivePicture(0, 150, 1920, 780)


def test_pillarboxes_and_windowboxes_are_found():
    assert active(barred(picture(n), left=40) for n in range(12)) == ActivePicture(246, 0, 1428, 1080)
    assert active(barred(picture(n), 24, 40) for n in range(12)) == ActivePicture(246, 150, 1428, 780)


def test_fades_and_blank_frames_do_not_hide_bars():
    shown = [barred(picture(n), top=24) for n in range(12)]
    faded = [16 + (one - 16) * share for one in shown[:4] for share in (0.0, 0.1, 0.4)]
    assert active(faded + shown) == ActivePicture(0, 150, 1920, 780)


def test_a_picture_without_bars_is_all_picture():
    assert active(picture(n) for n in range(12)) == FULL


def test_a_night_sky_above_a_lit_street_is_no_bar():
    def street(seed):
        one = picture(seed)
        one[:60] = 18
        return one

    assert active(street(n) for n in range(12)) == FULL


def test_the_dark_around_a_title_or_a_spotlight_is_no_bar():
    def stage(seed):
        out = np.full((HEIGHT, WIDTH), 16, np.float32)
        out[70:110, 130:190] = picture(seed)[70:110, 130:190]
        return out

    assert active(stage(n) for n in range(12)) == FULL


def test_a_dark_shot_in_a_bright_film_is_no_bar():
    dark = [barred(picture(n), top=60) for n in range(4)]
    assert active([picture(n) for n in range(12)] + dark) == FULL


@pytest.mark.parametrize("pictures", [[], [np.full((HEIGHT, WIDTH), 16, np.float32)]])
def test_nothing_to_see_has_no_bars(pictures):
    assert active(pictures) == FULL

"""Blurred, shaken and unlit moments are worth less than the rest of their shot."""

from fractions import Fraction

import numpy as np
import pytest

from clipzy_server.rendering.footage import Thumbs
from clipzy_server.rendering.scenes import Scene
from clipzy_server.rendering.worth import Worth

SECONDS, RATE = 6, 30
BAD = slice(60, 90)


def thumbs():
    count = SECONDS * RATE
    random = np.random.default_rng(2)
    y = random.integers(60, 180, (1, 54, 96), dtype=np.uint8).repeat(count, 0)
    chroma = [np.full((count, 27, 48), 128, np.uint8) for _ in range(2)]
    motion = np.zeros((count, 6), np.float32)
    return Thumbs(np.arange(count) / RATE, y, *chroma, motion, np.full(count, 12.0, np.float32))


def worth_of(changed):
    whole = Scene(Fraction(0), Fraction(SECONDS), None)
    worth = Worth(changed, (whole,))
    return worth.of(2.0, 3.0), worth.of(4.0, 5.0)


def test_even_footage_is_worth_its_length():
    bad, good = worth_of(thumbs())
    assert bad == pytest.approx(1.0, abs=1e-6)
    assert good == pytest.approx(1.0, abs=1e-6)


def blurred(shown):
    shown.sharpness[BAD] = 4.0


def shaken(shown):
    shown.motion[BAD, 0] = 0.02 * np.sign(np.sin(np.arange(30) * 1.9))


def covered(shown):
    shown.y[BAD] = 18


@pytest.mark.parametrize("spoil", [blurred, shaken, covered])
def test_a_spoilt_second_is_better_not_shown(spoil):
    shown = thumbs()
    spoil(shown)
    bad, good = worth_of(shown)
    assert good == pytest.approx(1.0, abs=0.05)
    assert bad < 0


def test_a_calm_pan_is_no_shake():
    shown = thumbs()
    shown.motion[:, 0] = 0.01
    assert min(worth_of(shown)) == pytest.approx(1.0, abs=0.05)

"""Mixtures lie between frames that differ little, in proportion to time, and never reach into another scene."""

from fractions import Fraction

import numpy as np
import pytest

from clipzy_server.media.frames import Frame
from clipzy_server.rendering.frame_blending import BlendingPicker


def picker(levels, rate=24):
    grey = np.full((8, 8), 128, np.uint8)
    return BlendingPicker(
        Frame(Fraction(k, rate), np.full((16, 16), level, np.uint8), grey, grey) for k, level in enumerate(levels)
    )


@pytest.mark.parametrize("share", [Fraction(1, 4), Fraction(1, 2), Fraction(2, 3)])
def test_between_two_frames_both_are_seen_by_their_nearness(share):
    frame = picker([100, 104, 108]).at(share / 24, None)
    assert frame.y[0, 0] == round(100 + 4 * share)
    assert frame.u[0, 0] == 128


def test_on_a_frame_it_is_shown_as_it_is():
    levels = [100, 104, 108, 104]
    pick = picker(levels)
    assert [pick.at(Fraction(k, 24), None).y[0, 0] for k in range(4)] == levels


def test_where_much_moves_the_nearest_frame_is_shown():
    pick = picker([60, 200, 60])
    assert {int(pick.at(Fraction(k, 120), None).y[0, 0]) for k in range(10)} <= {60, 200}


def test_nothing_of_another_scene_is_mixed_in():
    frame = picker([100, 104, 101]).at(Fraction(3, 48), Fraction(2, 24))
    assert frame.y[0, 0] == 104


def test_past_the_last_frame_it_stays():
    assert picker([100, 104]).at(Fraction(1), None).y[0, 0] == 104

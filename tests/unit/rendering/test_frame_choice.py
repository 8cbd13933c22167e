"""The frame shown is the nearest in time and never one of a neighbouring scene."""

from fractions import Fraction
from itertools import pairwise

import numpy as np

from clipzy_server.domain.job import Quality
from clipzy_server.domain.plan import CropKey, EditPlan, OutputFormat, PlannedTransition, Segment
from clipzy_server.domain.style import Easing, TransitionType
from clipzy_server.media.frames import Frame
from clipzy_server.rendering.frame_choice import FramePicker, requests

FULL = (CropKey(0, 0, 0, 2, 2),)


def frames(times_s):
    plane = np.zeros((2, 2), np.uint8)
    return [Frame(Fraction(time), plane, plane, plane) for time in times_s]


def shown(times_s, asked, end_s=None):
    picker = FramePicker(frames(times_s))
    return [picker.at(Fraction(time), end_s).time_s for time in asked]


def test_equal_rates_show_every_frame_once_even_when_stamps_are_rounded():
    exact = [Fraction(k, 30) for k in range(60)]
    rounded = [Fraction(round(time * 1000), 1000) for time in exact]
    assert shown(rounded, exact) == rounded


def test_a_place_between_frames_is_kept_by_all_frames_of_a_segment():
    source = [Fraction(k, 30) for k in range(60)]
    asked = [Fraction(k, 30) + Fraction(37, 3000) for k in range(40)]
    assert shown(source, asked) == source[:40]


def test_faster_output_repeats_frames_within_half_a_frame():
    source = [Fraction(k, 24) for k in range(48)]
    asked = [Fraction(k, 60) for k in range(110)]
    picked = shown(source, asked)
    assert max(abs(a - b) for a, b in zip(picked, asked, strict=True)) <= Fraction(1, 40)
    assert set(picked) == set(source[: len(set(picked))])


def test_a_long_held_frame_stays_until_the_next_one_is_due():
    assert shown([0, 1, 2], [Fraction(9, 10)]) == [0]
    assert shown([0, 1, 2], [Fraction(99, 100)]) == [1]


def test_frames_at_and_after_the_end_of_a_scene_are_not_shown():
    source = [Fraction(k, 24) for k in range(48)]
    assert shown(source, [Fraction(1) - Fraction(1, 60)], Fraction(1)) == [Fraction(23, 24)]


def test_past_the_end_the_last_frame_is_shown():
    assert shown([0, Fraction(1, 30)], [5]) == [Fraction(1, 30)]


def test_requests_come_in_the_order_of_the_footage_and_cover_every_output_frame():
    dissolve = PlannedTransition(TransitionType.DISSOLVE, 6, Easing.LINEAR)
    plan = EditPlan(
        OutputFormat(2, 2, Fraction(30), Quality.LOW),
        (
            Segment(Fraction(0), 0, 30, None, FULL, None, None),
            Segment(Fraction(9, 10), 24, 30, dissolve, FULL, None, None, Fraction(1), Fraction(3)),
        ),
        None,
        (),
    )
    found = list(requests(plan))
    assert all(a.time_s <= b.time_s for a, b in pairwise(found))
    assert {request.number for request in found} == set(range(54))
    assert len(found) == 60
    assert min(request.time_s for request in found if request.segment == 1) == 1

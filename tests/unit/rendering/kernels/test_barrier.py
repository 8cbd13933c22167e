"""The barrier distance is the least range of values on a way to the border."""

import numpy as np

from clipzy_server.rendering.kernels.barrier import barrier_distance


def distance(plane, scans=4):
    plane = np.asarray(plane, np.float32)
    out = np.empty_like(plane)
    barrier_distance(plane, scans, out)
    return out


def test_borders_and_what_is_like_them_are_at_no_distance():
    assert distance(np.full((6, 9), 7)).max() == 0


def test_an_island_is_as_far_as_its_step():
    plane = np.full((9, 9), 10)
    plane[3:6, 3:6] = 50
    found = distance(plane)
    assert np.array_equal(found > 0, plane == 50)
    assert found.max() == 40


def test_what_reaches_the_border_is_at_no_distance():
    plane = np.full((9, 9), 10)
    plane[3:6, 3:] = 50
    assert distance(plane).max() == 0


def test_the_way_out_may_wind():
    plane = np.full((7, 7), 90)
    plane[1, 1:6] = plane[1:6, 5] = plane[5, 1:6] = 10
    plane[5, 0] = 10
    assert distance(plane)[1, 1] == 0


def test_a_ramp_counts_as_its_range_not_as_its_length():
    plane = np.tile([0, 5, 10, 15, 10, 5, 0], (7, 1))
    plane[0] = plane[-1] = 0
    assert distance(plane)[3, 3] == 15

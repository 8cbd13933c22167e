from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from clipzy_server.media.clock import PictureClock

stamps = st.lists(st.one_of(st.none(), st.integers(-(2**40), 2**40)), min_size=1, max_size=60)


def clock() -> PictureClock:
    return PictureClock(Fraction(1, 1000), Fraction(1, 2), Fraction(1, 25))


@settings(deadline=None)
@given(stamps)
def test_times_always_grow(some):
    times = list(map(clock().time_s, some))
    assert all(a < b for a, b in pairwise(times))


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=1, unique=True))
def test_good_stamps_are_kept_exactly(some):
    c = clock()
    assert [c.time_s(s) for s in sorted(some)] == [Fraction(s, 1000) - Fraction(1, 2) for s in sorted(some)]


def test_missing_and_backward_stamps_continue_with_the_last_good_step():
    c = clock()
    assert [c.time_s(s) for s in (500, 540, None, 100, 660)] == [
        Fraction(0),
        Fraction(40, 1000),
        Fraction(80, 1000),
        Fraction(120, 1000),
        Fraction(160, 1000),
    ]


def test_a_first_frame_without_a_stamp_is_shown_at_zero():
    c = clock()
    assert (c.time_s(None), c.time_s(None)) == (Fraction(0), Fraction(1, 25))

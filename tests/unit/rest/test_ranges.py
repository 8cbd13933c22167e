import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clipzy_server.rest.ranges import ByteRange, RangeNotSatisfiable, requested_range


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=90-200", 90, 100),
        ("bytes=50-", 50, 100),
        ("bytes=-10", 90, 100),
        ("bytes=-1000", 0, 100),
        ("Bytes= 1-2", 1, 3),
    ],
)
def test_a_range_is_cut_to_the_file(header, start, end):
    assert requested_range(header, 100) == ByteRange(start, end)


@pytest.mark.parametrize(
    "header", [None, "", "lines=1-2", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=0-1,5-6", "bytes=0x1-2"]
)
def test_what_is_not_understood_means_the_whole_file(header):
    assert requested_range(header, 100) is None


@pytest.mark.parametrize(("header", "size"), [("bytes=100-", 100), ("bytes=0-", 0), ("bytes=-0", 100), ("bytes=-5", 0)])
def test_a_range_outside_is_not_satisfiable(header, size):
    with pytest.raises(RangeNotSatisfiable):
        requested_range(header, size)


@settings(deadline=None)
@given(first=st.integers(0, 10**18), last=st.integers(0, 10**18), size=st.integers(1, 10**18))
def test_a_range_given_lies_within_the_file(first, last, size):
    try:
        found = requested_range(f"bytes={first}-{last}", size)
    except RangeNotSatisfiable:
        assert first >= size
        return
    if found is None:
        assert last < first
    else:
        assert 0 <= found.start < found.end <= size
        assert found.length_bytes <= last - first + 1

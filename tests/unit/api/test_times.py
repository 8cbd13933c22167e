from datetime import UTC, datetime

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from clipzy_server.api import times
from clipzy_server.domain.errors import Invalid


@given(at=st.datetimes(timezones=st.just(UTC)))
def test_a_point_in_time_survives_the_wire(at):
    assert times.point_in_time(times.timestamp(at), "at") == at


@pytest.mark.parametrize("seconds", [10**15, -(10**15)])
def test_a_time_outside_the_calendar_is_refused(seconds):
    with pytest.raises(Invalid, match="Invalid value"):
        times.point_in_time(Timestamp(seconds=seconds), "at")


@given(microseconds=st.integers(0, 10**12))
def test_a_duration_is_kept_to_the_microsecond(microseconds):
    assert times.duration(microseconds / 1_000_000).ToMicroseconds() == microseconds


def test_the_unknown_stays_unset():
    assert times.optional_duration(None) is None
    assert times.optional_timestamp(None) is None
    assert times.optional_timestamp(datetime(2026, 1, 1, tzinfo=UTC)) is not None

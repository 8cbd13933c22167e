from types import SimpleNamespace

import pytest

from clipzy_server.domain.errors import ErrorCode, Exhausted
from clipzy_server.domain.usage import Meter
from clipzy_server.usecases import rates as module
from clipzy_server.usecases.rates import RequestRates

ADA, BOB = "own_ada", "own_bob"


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(now_s=50.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now_s))
    return clock


def taken(rates, owner_id):
    """How many requests are let through until the first refusal, and that refusal."""
    for count in range(1000):
        try:
            rates.take(owner_id)
        except Exhausted as refused:
            return count, refused
    raise AssertionError("never refused")


def test_a_minutes_worth_may_come_at_once_and_grows_back_steadily(clock):
    rates = RequestRates(60)
    count, refused = taken(rates, ADA)
    assert (count, refused.code, refused.retry_after_s) == (60, ErrorCode.RATE_LIMITED, 1.0)
    clock.now_s += 10
    assert taken(rates, ADA)[0] == 10
    clock.now_s += 3600
    assert taken(rates, ADA)[0] == 60


def test_a_refusal_tells_when_the_next_request_is_let_through(clock):
    rates = RequestRates(6)
    _, refused = taken(rates, ADA)
    clock.now_s += refused.retry_after_s - 0.01
    assert taken(rates, ADA)[0] == 0
    clock.now_s += 0.02
    assert taken(rates, ADA)[0] == 1


def test_each_owner_has_an_allowance_of_its_own(clock):
    rates = RequestRates(5)
    assert taken(rates, ADA)[0] == 5
    assert taken(rates, BOB)[0] == 5


def test_the_meter_shows_what_counts_still(clock):
    rates = RequestRates(60)
    assert rates.meter(ADA) == Meter(0, 60)
    for _ in range(30):
        rates.take(ADA)
    assert rates.meter(ADA) == Meter(30, 60)
    clock.now_s += 20
    assert rates.meter(ADA) == Meter(10, 60)


def test_nothing_is_counted_without_a_limit(clock):
    rates = RequestRates(0)
    for _ in range(1000):
        rates.take(ADA)
    assert rates.meter(ADA) == Meter(0, None)


def test_owners_with_a_full_allowance_are_forgotten_and_others_are_not(clock, monkeypatch):
    monkeypatch.setattr(module, "_KNOWN_AT_MOST", 2)
    rates = RequestRates(60)
    taken(rates, BOB)
    rates.take("own_quiet")
    clock.now_s += 2
    rates.take(ADA)
    assert rates.meter(BOB).used == 58
    assert set(rates._buckets) == {ADA, BOB}

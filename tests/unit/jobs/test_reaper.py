from datetime import UTC, datetime, timedelta

from clipzy_server.jobs.reaper import Silence
from clipzy_server.store.leftovers import Holder

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def beating(name: str, at: datetime = NOON) -> Holder:
    return Holder(name, at)


def test_a_worker_is_dead_when_its_beat_has_stood_still_for_long_enough() -> None:
    silence = Silence(dead_after_s=15.0)
    for now_s in (100.0, 107.0, 114.0, 114.9):
        assert silence.dead((beating("one"),), now_s) == []
    assert silence.dead((beating("one"),), 115.0) == ["one"]


def test_who_says_goodbye_is_gone_at_once() -> None:
    assert Silence(dead_after_s=15.0).dead((Holder("one", None), beating("two")), 0.0) == ["one"]


def test_old_beats_after_an_outage_make_nobody_dead() -> None:
    silence = Silence(dead_after_s=15.0)
    assert silence.dead((beating("one"),), 0.0) == []
    assert silence.dead((beating("one"),), 60.0) == []
    assert silence.dead((beating("one", NOON + timedelta(minutes=1)),), 61.0) == []


def test_a_clock_that_jumps_changes_nothing() -> None:
    silence = Silence(dead_after_s=15.0)
    tomorrow, yesterday = NOON + timedelta(days=1), NOON - timedelta(days=1)
    assert silence.dead((beating("lives", NOON), beating("dead", tomorrow)), 0.0) == []
    for now_s in (7.0, 14.0):
        assert silence.dead((beating("lives", yesterday), beating("dead", tomorrow)), now_s) == []
    assert silence.dead((beating("lives", yesterday), beating("dead", tomorrow)), 16.0) == ["dead"]

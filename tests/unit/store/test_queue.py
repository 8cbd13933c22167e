from clipzy_server.store.queue import engine_priority


def test_urgent_jobs_come_first() -> None:
    assert engine_priority(10) < engine_priority(0) < engine_priority(-10)


def test_priorities_stay_in_the_range_of_the_engine() -> None:
    assert (engine_priority(99), engine_priority(-99)) == (1, 21)

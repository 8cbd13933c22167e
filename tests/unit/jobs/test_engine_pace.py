import inspect
import time
from types import SimpleNamespace
from typing import Any

import pytest
from dbos import _dbos, _queue
from dbos._dbos import DBOS, DBOSRegistry

from clipzy_server.jobs.engine_pace import SELDOM_S, SOON_S, Bell, Pace


@pytest.fixture(autouse=True)
def _restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_dbos, "background_jobs_thread", _dbos.background_jobs_thread)
    monkeypatch.setattr(_dbos, "queue_thread", _dbos.queue_thread)


def engine(**queues: int) -> tuple[Any, Pace]:
    made = SimpleNamespace(_registry=DBOSRegistry(), _active_workflows_set=None)
    return made, Pace(made, queues, seldom_s=3600.0)


def test_what_clipzy_does_not_have_is_hardly_looked_for() -> None:
    engines_own = _dbos.background_jobs_thread
    made, pace = engine(jobs=1)
    assert _dbos.background_jobs_thread is not engines_own
    by_hand = pace._bells[made._registry.get_internal_queue().name]
    assert by_hand.pause_s(1.0, time.monotonic() + 3600.0) == SELDOM_S


def test_each_worker_has_the_queue_at_its_own_width() -> None:
    (wide, _), (narrow, _) = engine(jobs=8), engine(jobs=1)
    first, second = (made._registry.internal_queue_map["jobs"] for made in (wide, narrow))
    assert (first._worker_concurrency, second._worker_concurrency) == (8, 1)
    assert not first.database_backed_queue


def test_the_engine_has_the_parts_that_are_replaced() -> None:
    assert {"queue_thread", "background_jobs_thread"} <= set(DBOS._launch.__code__.co_names)
    assert "dbos._active_workflows_set.count_for_queue" in inspect.getsource(_queue.queue_worker_thread)


def test_a_ring_ends_a_wait_also_when_it_came_before() -> None:
    bell = Bell(3600.0)
    bell.ring()
    assert not bell.wait(3600.0)


def test_the_end_is_a_ring_that_stays() -> None:
    bell = Bell(3600.0)
    bell.set()
    assert bell.wait(3600.0)
    assert bell.is_set()


def test_asks_thin_out_after_a_ring_and_never_cease() -> None:
    bell = Bell(5.0)
    bell.ring()
    now_s = time.monotonic()
    pauses_s = []
    for _ in range(8):
        pauses_s.append(bell.pause_s(SOON_S, now_s))
        now_s += pauses_s[-1]
    assert pauses_s == pytest.approx([0.25, 0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0], abs=0.01)


def test_a_workflow_that_ends_leaves_its_place_to_the_next() -> None:
    made, pace = engine(jobs=1, parts=1)
    workflow = made._active_workflows_set.add("job_1", "jobs")
    assert made._active_workflows_set.count_for_queue("jobs") == 1
    workflow.release()
    assert made._active_workflows_set.count_for_queue("jobs") == 0
    assert [bell._rings.is_set() for bell in (pace._bells["jobs"], pace._bells["parts"])] == [True, False]
    assert not pace._bells["jobs"].wait(3600.0)


@pytest.mark.parametrize(("named", "rung"), [("parts", ["parts"]), ("", ["jobs", "parts"]), ("others", [])])
def test_who_knows_the_queue_rings_for_no_other(named: str, rung: list[str]) -> None:
    _, pace = engine(jobs=1, parts=1)
    pace.ring(named)
    assert [name for name in ("jobs", "parts") if pace._bells[name]._rings.is_set()] == rung

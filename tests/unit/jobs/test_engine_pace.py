from types import SimpleNamespace

import pytest
from dbos import _workflow_commands
from dbos._dbos import DBOSRegistry

from clipzy_server.jobs.engine_pace import SELDOM_S, add_queue, slow_down


def test_what_clipzy_does_not_have_is_looked_for_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_workflow_commands, "_BACKGROUND_JOBS_INTERVAL_SEC", 1.0)
    assert "_BACKGROUND_JOBS_INTERVAL_SEC" in _workflow_commands.background_jobs_thread.__code__.co_names
    registry = DBOSRegistry()
    slow_down(SimpleNamespace(_registry=registry))
    assert _workflow_commands._BACKGROUND_JOBS_INTERVAL_SEC == SELDOM_S
    assert registry.get_internal_queue()._polling_interval_sec == SELDOM_S


def test_each_worker_has_the_queue_at_its_own_width() -> None:
    wide, narrow = DBOSRegistry(), DBOSRegistry()
    add_queue(SimpleNamespace(_registry=wide), "jobs", 8, 0.25)
    add_queue(SimpleNamespace(_registry=narrow), "jobs", 1, 0.25)
    (first,), (second,) = wide.internal_queues(), narrow.internal_queues()
    assert (first._worker_concurrency, second._worker_concurrency) == (8, 1)
    assert not first.database_backed_queue

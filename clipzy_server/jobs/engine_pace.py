"""How often the engine asks the database, and for what.

Once a second it looks for workflows that begin later, that are late, or that somebody resumed by hand, and a hundred
times a second for messages to pass on. A job is none of these, and an idle worker should cost next to nothing. A queue
that is registered in the database is read again before every look into it, and all workers share its one setting, where
machines differ in cores. The engine has a setting for the messages only; its version is pinned for the rest.
"""

from dbos import DBOS, _workflow_commands

SELDOM_S = 30.0
COALESCE_S = 0.25
"""For the setting `notification_coalesce_sec`."""


def slow_down(engine: DBOS) -> None:
    """Look seldom for what Clipzy does not have. Before the launch."""
    _workflow_commands._BACKGROUND_JOBS_INTERVAL_SEC = SELDOM_S  # noqa: SLF001
    engine._registry.get_internal_queue()._polling_interval_sec = SELDOM_S  # noqa: SLF001


def add_queue(engine: DBOS, name: str, concurrency: int, poll_s: float) -> None:
    """Take at most `concurrency` workflows at once from the queue, which is asked every `poll_s`. Before the launch."""
    engine._registry._register_internal_queue(  # noqa: SLF001
        name, worker_concurrency=concurrency, polling_interval_sec=poll_s
    )

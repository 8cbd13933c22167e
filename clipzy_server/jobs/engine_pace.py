"""When the engine asks the database for work.

The engine asks each queue again and again, whether or not there is anything in it, and once a second which queues there
are. Here a queue is asked when somebody rings: PostgreSQL tells of workflows that begin to wait (`store/queue.py`), and
one that ends here leaves its place to the next of its queue. After a ring the asks thin out: the next one comes when as
much time has passed again, so that one which failed is soon repeated, and what no ring told of is found in the end.

A queue that is registered in the database is read again before every ask, and all workers share its one setting, where
machines differ in cores. For workflows that begin later or are late, of which Clipzy has none, the engine would keep a
session in a transaction, and lose it with all others to the database's patience; here it does not look. For those that
somebody resumed by hand it looks seldom. It has a setting for the pace of its messages only; its version is pinned for
the rest.
"""

import threading
import time
from collections.abc import Mapping

from dbos import DBOS, _dbos
from dbos._core import ActiveWorkflowById, QueueBucket
from dbos._queue import queue_worker_thread

SELDOM_S = 30.0
COALESCE_S = 1.0
"""For the setting `notification_coalesce_sec`."""

SOON_S = 0.25
"""The first asks after a ring are so far apart."""

_LOOK_AFTER_S = 5.0


class Bell(threading.Event):
    """The event that ends the thread of a queue, which waits for it between two asks. `ring` ends a wait, no more."""

    def __init__(self, seldom_s: float) -> None:
        super().__init__()
        self._seldom_s = seldom_s
        self._rings = threading.Event()
        self._rang_at_s = time.monotonic()

    def ring(self) -> None:
        """Have the queue asked now, or again when it is being asked."""
        self._rang_at_s = time.monotonic()
        self._rings.set()

    def set(self) -> None:
        """End the thread."""
        super().set()
        self._rings.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Until it rings or the next ask is due, in `timeout` s at the earliest; True when the thread shall end."""
        self._rings.wait(self.pause_s(timeout or 0.0, time.monotonic()))
        self._rings.clear()
        return self.is_set()

    def pause_s(self, least_s: float, now_s: float) -> float:
        """Seconds between an ask at this moment, of a clock that only runs, and the next one: as long as none rang."""
        return min(max(least_s, now_s - self._rang_at_s), self._seldom_s)


class _Places(ActiveWorkflowById):
    """The workflows that run in this process; one that ends rings."""

    def __init__(self, pace: "Pace") -> None:
        super().__init__()
        self._pace = pace

    def _remove(self, key: str, bucket: QueueBucket) -> None:
        super()._remove(key, bucket)
        if bucket is not None:
            self._pace.ring(bucket[0])


class Pace:
    """Asks the queues, of each at most so many workflows at once, for one engine that is not launched yet.

    A queue that nobody rings for is asked every `seldom_s` seconds.
    """

    def __init__(self, engine: DBOS, widths: Mapping[str, int], seldom_s: float) -> None:
        self._bells = {name: Bell(seldom_s) for name in widths}
        registry = engine._registry  # noqa: SLF001
        for name, width in widths.items():
            registry._register_internal_queue(  # noqa: SLF001
                name, worker_concurrency=width, polling_interval_sec=min(SOON_S, seldom_s)
            )
        self._bells[registry.get_internal_queue().name] = Bell(SELDOM_S)
        engine._active_workflows_set = _Places(self)  # noqa: SLF001
        _dbos.background_jobs_thread = lambda *_: None  # type: ignore[attr-defined]
        _dbos.queue_thread = self._ask  # type: ignore[assignment,attr-defined]

    def ring(self, queue: str = "") -> None:
        """There may be work in a queue, or room for it; without a name, in any."""
        for name, bell in self._bells.items():
            if queue in ("", name):
                bell.ring()

    def _ask(self, stop: threading.Event, engine: DBOS) -> None:
        """Run a thread for each queue until `stop`: the engine's own does so too, and lists the queues meanwhile."""
        threads: dict[str, threading.Thread] = {}
        while True:
            for queue in engine._registry.internal_queues():  # noqa: SLF001
                if queue.name not in threads or not threads[queue.name].is_alive():
                    arguments = (self._bells[queue.name], engine, queue)
                    threads[queue.name] = threading.Thread(target=queue_worker_thread, args=arguments, daemon=True)
                    threads[queue.name].start()
            if stop.wait(_LOOK_AFTER_S):
                break
        for bell in self._bells.values():
            bell.set()
        for thread in threads.values():
            thread.join()

"""What runs in this worker now for which job, so that it can be stopped."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class RunningJobs:
    """Which tasks work for which job. A stopped job's children are killed; a closed worker starts no more stages."""

    def __init__(self) -> None:
        self._tasks: defaultdict[str, set[asyncio.Task[object]]] = defaultdict(set)
        self._stopped: set[str] = set()
        self.is_closed = False

    @property
    def job_ids(self) -> set[str]:
        """The jobs that something runs for."""
        return set(self._tasks)

    @contextmanager
    def hold(self, job_id: str, task: asyncio.Task[object]) -> Iterator[None]:
        """Let `task` be found under the job's id while the block runs."""
        if self.is_closed:
            task.cancel()
        self._tasks[job_id].add(task)
        try:
            yield
        finally:
            self._tasks[job_id].discard(task)
            if not self._tasks[job_id]:
                del self._tasks[job_id]
                self._stopped.discard(job_id)

    def stop(self, job_id: str) -> None:
        """Kill what runs for this job, since nobody wants it any more."""
        if job_id in self._tasks:
            self._stopped.add(job_id)
            for task in self._tasks[job_id]:
                task.cancel()

    def was_stopped(self, job_id: str) -> bool:
        """Whether `stop` was called, as opposed to the whole worker ending."""
        return job_id in self._stopped

    async def close(self) -> None:
        """Kill everything that runs and wait until it is dead; the jobs stay for others to take over."""
        self.is_closed = True
        tasks = [task for tasks in self._tasks.values() for task in tasks]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

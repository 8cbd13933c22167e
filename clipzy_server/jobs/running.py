"""The stages that run in this worker now, by job, so that each can be stopped."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class RunningJobs:
    """Which task works for which job. A stopped job's child is killed; a closed worker starts no more stages."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[object]] = {}
        self._stopped: set[str] = set()
        self.is_closed = False

    @property
    def job_ids(self) -> set[str]:
        """The jobs with a stage running."""
        return set(self._tasks)

    @contextmanager
    def hold(self, job_id: str, task: asyncio.Task[object]) -> Iterator[None]:
        """Let `task` be found under the job's id while the block runs."""
        if self.is_closed:
            task.cancel()
        self._tasks[job_id] = task
        try:
            yield
        finally:
            del self._tasks[job_id]
            self._stopped.discard(job_id)

    def stop(self, job_id: str) -> None:
        """Kill what runs for this job, since nobody wants it any more."""
        if job_id in self._tasks:
            self._stopped.add(job_id)
            self._tasks[job_id].cancel()

    def was_stopped(self, job_id: str) -> bool:
        """Whether `stop` was called, as opposed to the whole worker ending."""
        return job_id in self._stopped

    async def close(self) -> None:
        """Kill everything that runs and wait until it is dead; the jobs stay for others to take over."""
        self.is_closed = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

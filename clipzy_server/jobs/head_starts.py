"""Stages begun before their turn, so that a second core has work.

A head start is the stage's first attempt: nothing of it is told or recorded before its turn comes, and where it went
down with its worker, the stage is attempted again then.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

from clipzy_server.domain.job import Stage
from clipzy_server.jobs.record import StageRecord

AHEAD = {Stage.VIDEO_ANALYSIS: Stage.AUDIO_ANALYSIS}
"""What can be begun beside a stage: the next one, where it needs nothing of that stage."""


class HeadStarts:
    """Those of the jobs of this process."""

    def __init__(self) -> None:
        self._tasks: dict[tuple[str, Stage], asyncio.Task[StageRecord]] = {}

    def begin(self, job_id: str, stage: Stage, attempt: Coroutine[Any, Any, StageRecord]) -> None:
        """Let the attempt run beside the caller; one begun earlier, and never taken, ends."""
        if (stale := self.take(job_id, stage)) is not None:
            stale.cancel()
        self._tasks[job_id, stage] = asyncio.create_task(attempt)

    def take(self, job_id: str, stage: Stage) -> asyncio.Task[StageRecord] | None:
        """The attempt begun, now the caller's to await or cancel; None where there is none."""
        return self._tasks.pop((job_id, stage), None)

    async def drop(self, job_id: str) -> None:
        """End what was begun for the job and not taken; returns when it has ended."""
        tasks = [self._tasks.pop(key) for key in list(self._tasks) if key[0] == job_id]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

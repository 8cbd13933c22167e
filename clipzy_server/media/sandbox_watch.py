"""Tells a task that works from one that hangs."""

import time
from pathlib import Path

from clipzy_server.domain.errors import ErrorCode
from clipzy_server.media.sandbox_limits import ChildDied, Limits

TICK_S = 1.0
"""How often a silent task is looked at, at least."""


class Watch:
    """Follows one child from its beginning: `grew` with what it reports, `check` while it reports nothing."""

    def __init__(self, function: str, limits: Limits) -> None:
        self._function = function
        self._stall_s = limits.stall_s
        self._still_s = limits.still_s
        self._pid: int | None = None
        self._share = 0.0
        self._processor_ticks = 0
        self._progress_at_s = self._moved_at_s = time.monotonic()
        bounds = [TICK_S, *(bound_s / 4 for bound_s in (limits.stall_s, limits.still_s) if bound_s is not None)]
        self.tick_s = min(bounds)

    def began(self, pid: int) -> None:
        """The child runs, as this process."""
        self._pid = pid
        self._progress_at_s = self._moved_at_s = time.monotonic()

    def grew(self, share: float) -> bool:
        """Whether a report is progress over the one before."""
        if share <= self._share:
            return False
        self._share = share
        self._progress_at_s = self._moved_at_s = time.monotonic()
        return True

    def check(self) -> None:
        """Raises ChildDied (JOB_STALLED) when the task has stood for too long."""
        now_s = time.monotonic()
        ticks = _processor_ticks(self._pid)
        if ticks != self._processor_ticks:
            self._processor_ticks, self._moved_at_s = ticks, now_s
        if self._stall_s is not None and now_s - self._progress_at_s > self._stall_s:
            raise self._stalled(f"no progress for {self._stall_s:g} s")
        if self._still_s is not None and now_s - self._moved_at_s > self._still_s:
            raise self._stalled(f"no progress and no work for {self._still_s:g} s")

    def _stalled(self, what: str) -> ChildDied:
        detail = f"{self._function} at {self._share:.0%}: {what}"
        return ChildDied(ErrorCode.JOB_STALLED, f"The task stalled: {what}.", detail, by_chance=True)


def _processor_ticks(pid: int | None) -> int:
    """What all threads of a process have used; 0 when there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(fields[11]) + int(fields[12])

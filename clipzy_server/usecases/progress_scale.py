"""From the progress of a stage to the published progress of the job."""

from clipzy_server.domain.job import PROGRESS_RANGE, Stage


def progress_percent(stage: Stage, stage_percent: float) -> int:
    """The job's progress when `stage` is at `stage_percent` (0…100, clamped): linear within the published range."""
    first, last = PROGRESS_RANGE[stage]
    share = min(max(stage_percent, 0.0), 100.0) / 100.0
    return first + int((last - first) * share)

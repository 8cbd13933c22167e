"""Progress for a person: bars on a terminal, a line for each stage elsewhere, nothing with --json."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from clipzy_client.cli.desk import Desk, errors
from clipzy_client.types import JobState, JobStatus

STAGES = (
    "video_analysis",
    "audio_analysis",
    "motion_analysis",
    "style_extraction",
    "style_application",
    "rendering",
)


@contextmanager
def bars(desk: Desk) -> Iterator["Bars"]:
    """Bars for as long as the block runs."""
    shown = errors.is_terminal and not desk.as_json
    columns = (
        TextColumn("{task.description:<20}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[eta]}"),
    )
    with Progress(*columns, console=errors, disable=not shown) as progress:
        yield Bars(progress, lines=not shown and not desk.as_json)


class Bars:
    """The bars of one command."""

    def __init__(self, progress: Progress, *, lines: bool) -> None:
        self._progress = progress
        self._lines = lines
        self._files: dict[str, TaskID] = {}
        self._stages: dict[str, TaskID] = {}
        self._told: str | None = None

    def file(self, words: str, path: Path, done: int, size: int) -> None:
        """How far a file is."""
        if path.name not in self._files:
            self._files[path.name] = self._progress.add_task(f"{words} {path.name}", total=size, eta="")
            self._say(f"{words} {path.name}")
        self._progress.update(self._files[path.name], completed=done, total=size)

    def job(self, job: JobState) -> None:
        """How far a job is: a bar for each stage that has begun, with the time still needed beside the last."""
        stage = job.current_stage
        if job.status is JobStatus.QUEUED:
            self._say("queued")
        elif stage in STAGES:
            self._stage(stage, job)
        elif job.status is JobStatus.COMPLETED:
            self._finish(STAGES)
            self._say("completed")

    def _stage(self, stage: str, job: JobState) -> None:
        self._finish(STAGES[: STAGES.index(stage)])
        eta = f"{job.eta_seconds:.0f} s left" if job.eta_seconds is not None else ""
        self._progress.update(self._bar_of(stage), completed=job.stage_progress_percent, eta=eta)
        self._say(stage)

    def _finish(self, stages: tuple[str, ...]) -> None:
        for name in stages:
            task = self._bar_of(name)
            self._progress.update(task, completed=100, eta="")
            self._progress.stop_task(task)

    def _bar_of(self, stage: str) -> TaskID:
        if stage not in self._stages:
            self._stages[stage] = self._progress.add_task(stage, total=100, eta="")
        return self._stages[stage]

    def _say(self, words: str) -> None:
        if self._lines and words != self._told:
            errors.print(words, markup=False)
        self._told = words

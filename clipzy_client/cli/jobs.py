"""`clipzy jobs`."""

from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from clipzy_client.cli.bars import bars
from clipzy_client.cli.desk import Desk, with_desk
from clipzy_client.sync.jobs import OUTPUT
from clipzy_client.types import JobState, JobStatus

jobs = typer.Typer(no_args_is_help=True, help="List, watch, cancel and repeat jobs, and fetch what they made.")

JobId = Annotated[str, typer.Argument(help="job_…")]
Limit = Annotated[int, typer.Option(min=1, help="At most so many, the newest.")]


def told(job: JobState) -> str:
    """A job in a line."""
    why = f"  {job.error.code} in {job.error.stage}: {job.error.message}" if job.error else ""
    return f"{job.job_id}  {job.status.value}  {job.progress_percent} %  {job.current_stage or ''}{why}".rstrip()


@jobs.command("list")
@with_desk
def list_jobs(
    desk: Desk,
    status: Annotated[JobStatus | None, typer.Option(help="Only jobs in this state.")] = None,
    limit: Limit = 20,
) -> None:
    """Lists jobs, newest first."""
    found = list(islice(desk.client.jobs.list(status), limit))
    desk.table(
        found,
        {
            "job": lambda job: job.job_id,
            "status": lambda job: job.status.value,
            "%": lambda job: job.progress_percent,
            "stage": lambda job: job.current_stage or "",
            "created": lambda job: f"{job.created_at:%Y-%m-%d %H:%M:%S}",
        },
    )


@jobs.command()
@with_desk
def show(desk: Desk, job_id: JobId) -> None:
    """Shows a job as it stands; with --json an ended job's whole result, Style DNA included."""
    job = desk.client.jobs.get(job_id)
    desk.show(job.result() if desk.as_json and job.status.is_terminal else job, told(job))


@jobs.command()
@with_desk
def watch(desk: Desk, job_id: JobId) -> None:
    """Shows a job's progress until it has ended; with --json a line for each change. Fails if the job did."""
    with bars(desk) as shown:
        for job in desk.client.jobs.watch(job_id):
            shown.job(job)
            if desk.as_json:
                desk.line(job, "")
    result = desk.client.jobs.wait(job_id)
    if not desk.as_json:
        desk.say(told(result.job))


@jobs.command()
@with_desk
def cancel(desk: Desk, job_id: JobId) -> None:
    """Cancels a job that is queued or processing."""
    job = desk.client.jobs.cancel(job_id)
    desk.show(job, told(job))


@jobs.command()
@with_desk
def retry(desk: Desk, job_id: JobId) -> None:
    """Makes a new job with the inputs of an ended one."""
    job = desk.client.jobs.retry(job_id)
    desk.show(job, told(job))


@jobs.command()
@with_desk
def save(
    desk: Desk,
    job_id: JobId,
    artifact: Annotated[str, typer.Argument(help="Which of the job's files.")] = OUTPUT,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Where it goes; by default its name.")] = None,
) -> None:
    """Saves the rendered video, or another file of the job."""
    path = output or Path(Path(artifact).name)
    with bars(desk) as shown:
        desk.client.jobs.save(job_id, path, artifact, progress=partial(shown.file, "download", path))
    desk.show({"path": str(path)}, str(path))

"""The commands that talk to a running Clipzy: `upload`, `run`, `watch`, `result`, `download`."""

import dataclasses
import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from clipzy_client.errors import ClipzyError
from clipzy_client.sync import Clipzy
from clipzy_client.types import Job, JobConfig, JobResult, JobStatus, Video

app = typer.Typer(no_args_is_help=True)
errors = Console(stderr=True)

Server = Annotated[str, typer.Option(envvar="CLIPZY_SERVER", help="host:port of Clipzy")]
Token = Annotated[str, typer.Option(envvar="CLIPZY_TOKEN", help="an owner's token, or @FILE that holds it")]
SERVER = "127.0.0.1:8000"


@contextmanager
def _connected(server: str, token: str) -> Iterator[Clipzy]:
    secret = Path(token[1:]).read_text().strip() if token.startswith("@") else token
    try:
        with Clipzy(server, secret or None) as client:
            yield client
    except ClipzyError as error:
        errors.print(f"[red]{error.code}[/]: {error.message}", f"({error.detail})", highlight=False)
        raise typer.Exit(1) from error


def _bars() -> Progress:
    columns = (TextColumn("{task.description:<20}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    return Progress(*columns, TimeElapsedColumn(), console=errors)


def _upload(client: Clipzy, bars: Progress, path: Path) -> Video:
    bar = bars.add_task(f"upload {path.name}", total=path.stat().st_size)
    return client.upload(
        path,
        on_progress=lambda done, size: bars.update(bar, completed=done, total=size),
        resume_key=_resume_key(path),
    )


def _resume_key(path: Path) -> str:
    """The same as long as the file is: a command that was interrupted goes on when it is given again."""
    file = path.stat()
    return hashlib.sha256(f"{path.resolve()}\0{file.st_size}\0{file.st_mtime_ns}".encode()).hexdigest()


def _show(bars: Progress, bar: TaskID, job: Job) -> None:
    bars.update(bar, completed=job.progress_percent, description=job.current_stage or job.status.value)


def _plain(value: Any) -> Any:
    return dataclasses.asdict(value) if dataclasses.is_dataclass(value) and not isinstance(value, type) else str(value)


def _print(value: Any) -> None:
    sys.stdout.write(json.dumps(value, default=_plain, indent=2, ensure_ascii=False) + "\n")


def _ended(result: JobResult) -> JobResult:
    if result.job.status is not JobStatus.COMPLETED:
        error = result.job.error
        errors.print(
            f"[red]{result.job.status.value}[/]", f"{error.code} in {error.stage}: {error.message}" if error else ""
        )
        raise typer.Exit(1)
    return result


@app.command()
def upload(path: Path, server: Server = SERVER, token: Token = "") -> None:
    """Uploads a video and prints what is known of it as JSON."""
    with _connected(server, token) as client, _bars() as bars:
        _print(_upload(client, bars, path))


@app.command()
def run(
    footage: Path,
    template: Annotated[Path | None, typer.Option("--template", "-t", help="the video whose style is taken")] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="where the rendered MP4 goes")] = Path("out.mp4"),
    quality: Annotated[str, typer.Option(help="low, medium or high")] = "high",
    server: Server = SERVER,
    token: Token = "",
) -> None:
    """Does the whole: uploads, waits, and downloads the rendered video."""
    if quality not in ("low", "medium", "high"):
        raise typer.BadParameter("quality is low, medium or high")
    config = JobConfig(quality=quality)  # type: ignore[arg-type]  # checked above
    with _connected(server, token) as client, _bars() as bars:
        template_id = _upload(client, bars, template).video_id if template else None
        video = _upload(client, bars, footage)
        job = client.create_job(video.video_id, template_video_id=template_id, config=config)
        bar = bars.add_task("queued", total=100)
        _ended(client.wait(job.job_id, lambda seen: _show(bars, bar, seen)))
        client.download(job.job_id, output)
    sys.stdout.write(f"{output}\n")


@app.command()
def watch(job_id: str, server: Server = SERVER, token: Token = "") -> None:
    """Shows a job's progress until it ends."""
    with _connected(server, token) as client, _bars() as bars:
        bar = bars.add_task("", total=100)
        _ended(client.wait(job_id, lambda seen: _show(bars, bar, seen)))


@app.command()
def result(job_id: str, server: Server = SERVER, token: Token = "") -> None:
    """Prints a finished job's result as JSON, Style DNA included."""
    with _connected(server, token) as client:
        _print(client.result(job_id))


@app.command()
def download(
    job_id: str,
    output: Annotated[Path, typer.Option("--output", "-o")] = Path("out.mp4"),
    artifact: Annotated[str | None, typer.Option(help="an artifact's name instead of the video")] = None,
    server: Server = SERVER,
    token: Token = "",
) -> None:
    """Downloads the rendered video, or one artifact."""
    with _connected(server, token) as client, Progress(DownloadColumn(), BarColumn(), console=errors) as bars:
        bar = bars.add_task("", total=None)

        def progress(done: int, size: int) -> None:
            bars.update(bar, completed=done, total=size)

        client.download(job_id, output, artifact=artifact, on_progress=progress)
    sys.stdout.write(f"{output}\n")

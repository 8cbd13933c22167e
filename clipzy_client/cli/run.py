"""`clipzy run` and `clipzy upload`."""

import hashlib
import json
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from clipzy_client.cli.bars import Bars, bars
from clipzy_client.cli.desk import Desk, errors, with_desk
from clipzy_client.errors import Unavailable
from clipzy_client.style import StyleDna
from clipzy_client.types import JobConfig, Video


class Quality(StrEnum):
    """Effort and bit rate of the encoder."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


_VIDEO = typer.Argument(exists=True, dir_okay=False, help="A video file.")
_TEMPLATE = typer.Option("--template", "-t", exists=True, dir_okay=False, help="The video whose style is taken.")


@with_desk
def run(
    desk: Desk,
    footage: Annotated[Path, _VIDEO],
    template: Annotated[Path | None, _TEMPLATE] = None,
    style: Annotated[str, typer.Option(help="A saved style's id, or a style.json, instead of a template.")] = "",
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the rendered MP4 goes.")] = Path("out.mp4"),
    quality: Annotated[Quality, typer.Option(help="Effort and bit rate.")] = Quality.HIGH,
    strength: Annotated[float | None, typer.Option(min=0, max=1, help="How much of the style is applied.")] = None,
) -> None:
    """Does the whole: uploads, waits, and downloads the rendered video."""
    saved = style if style.startswith("sty_") else None
    given = StyleDna.from_dict(json.loads(Path(style).read_text())) if style and not saved else None
    config = JobConfig(quality=quality.value, style_id=saved, style=given, strength=strength)
    if not output.absolute().parent.is_dir():
        raise ValueError(f"There is no folder {output.parent} to put {output.name} into")
    with bars(desk) as shown:
        template_id = _sent(desk, shown, template).video_id if template else None
        video = _sent(desk, shown, footage)
        job = desk.client.jobs.create(video.video_id, template_video_id=template_id, config=config)
        try:
            result = job.wait(shown.job)
        except (KeyboardInterrupt, Unavailable):
            errors.print(f"{job.job_id} goes on: clipzy jobs watch, save or cancel {job.job_id}")
            raise
        result.save(output, progress=partial(shown.file, "download", output))
    desk.show(result, str(output))


@with_desk
def upload(
    desk: Desk,
    paths: Annotated[list[Path], _VIDEO],
) -> None:
    """Uploads videos and prints their ids. A command that was interrupted goes on when it is given again."""
    for path in paths:
        with bars(desk) as shown:
            video = _sent(desk, shown, path)
        seen = video.metadata
        size = f"{seen.width}×{seen.height}, {seen.frame_rate:.3g} fps, {seen.duration_seconds:.2f} s, {seen.codec}"
        desk.show(video, f"{video.video_id}  {video.filename}  {size}")


def _sent(desk: Desk, shown: Bars, path: Path) -> Video:
    return desk.client.videos.upload(path, progress=partial(shown.file, "upload", path), resume_key=_resume_key(path))


def _resume_key(path: Path) -> str:
    """The same as long as the file is."""
    file = path.stat()
    return hashlib.sha256(f"{path.resolve()}\0{file.st_size}\0{file.st_mtime_ns}".encode()).hexdigest()

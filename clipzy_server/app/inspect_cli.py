"""What `clipzy inspect` shows while it works and when it is done."""

import asyncio
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from clipzy_server.app.inspect import Drawn, inspect
from clipzy_server.app.settings import Settings
from clipzy_server.domain.errors import ClipzyError
from clipzy_server.rest.style_json import style_json


def inspect_video(settings: Settings, video: Path, folder: Path | None) -> None:
    """Draw the video's style into the folder and print the files' paths, or print the style where there is no folder.

    Raises SystemExit with a sentence when the file is no video that can be measured.
    """
    drawn = None
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        drawn = Drawn(folder / f"{video.stem}-style.png", folder / f"{video.stem}-style.html")
    columns = (TextColumn("{task.description:<18}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as progress:
        bar = progress.add_task("probe", total=1.0)

        def show(name: str, done: float) -> None:
            progress.update(bar, description=name, completed=done)

        try:
            style = asyncio.run(inspect(video, settings, drawn, show))
        except ClipzyError as error:
            raise SystemExit(f"{error.code.value}: {error.message} ({error.detail})") from error
    told = (
        json.dumps(style_json(style), indent=2, ensure_ascii=False) if drawn is None else f"{drawn.png}\n{drawn.html}"
    )
    sys.stdout.write(f"{told}\n")

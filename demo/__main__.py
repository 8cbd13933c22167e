"""`python -m demo`: starts Clipzy, takes two clips through the whole of it over REST, shows what came out."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from demo.clips import LOOKS, make_footage, make_template

OUTPUT = Path("demo-output")
console = Console(width=None if sys.stdout.isatty() else 110)


@contextmanager
def running_clipzy(data_dir: Path, port: int) -> Iterator[httpx.Client]:
    """`clipzy up` for as long as the block lasts; yields a client that carries the owner's token."""
    command = [str(Path(sys.executable).with_name("clipzy")), "up", "--data-dir", str(data_dir), "--port", str(port)]
    with (data_dir.parent / "clipzy.log").open("wb") as log:
        clipzy = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            ready = next((line for line in clipzy.stdout or () if line.startswith("ready ")), None)
            if ready is None:
                raise SystemExit(f"Clipzy did not start; see {log.name}")
            token = (data_dir / "token").read_text().strip()
            url = ready.split()[1] + "/api/v1"
            with httpx.Client(base_url=url, headers={"authorization": f"Bearer {token}"}, timeout=120) as client:
                yield client
        finally:
            clipzy.send_signal(signal.SIGTERM)
            clipzy.wait(timeout=30)


def data_of(answer: httpx.Response) -> dict[str, Any]:
    """The data of a success; anything else ends the demo with the error's own words."""
    body = answer.json()
    if not body["success"]:
        raise SystemExit(f"{answer.request.method} {answer.request.url.path}: {body['message']} ({body['error']})")
    data: dict[str, Any] = body["data"]
    return data


def upload(client: httpx.Client, path: Path) -> str:
    """Uploads a file as a multipart form; gives its video id."""
    with path.open("rb") as file:
        video = data_of(client.post("/videos/upload", files={"file": (path.name, file)}))
    shape = video["metadata"]
    console.print(
        f"uploaded [bold]{path.name}[/]: {shape['width']}×{shape['height']}, {shape['frame_rate']:.3g} fps, "
        f"{shape['duration_seconds']:.2f} s, {shape['codec']}"
    )
    return str(video["video_id"])


def follow(client: httpx.Client, job_id: str) -> dict[str, Any]:
    """Shows the job's progress until it ends; gives its result."""
    columns = (
        TextColumn("{task.description:<18}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("queued", total=100)
        while True:
            job = data_of(client.get(f"/jobs/{job_id}"))
            progress.update(bar, completed=job["progress_percent"], description=job["current_stage"] or job["status"])
            if job["status"] in ("completed", "failed", "cancelled"):
                break
            time.sleep(0.2)
    result = data_of(client.get(f"/jobs/{job_id}/result"))
    if result["error"]:
        raise SystemExit(f"the job failed: {result['error']}")
    return result


def show_style(style: dict[str, Any]) -> None:
    """The Style DNA as a table: value and confidence of each field."""
    table = Table("field", "value", "confidence", title="Style DNA of the template")
    confidence = style["field_confidence"]

    def row(name: str, value: object) -> None:
        sure = confidence.get(name)
        table.add_row(name, str(value), "" if sure is None else f"{sure:.2f}")

    for group in ("color_grade", "audio_style"):
        for name, value in style[group].items():
            row(f"{group}.{name}", value)
    for name in (
        "aspect_ratio",
        "frame_rate",
        "cut_frequency",
        "motion_intensity",
        "zoom_usage",
        "tempo_bpm",
        "music_genre",
    ):
        row(name, style[name])
    for name in ("primary_transition", "secondary_transition"):
        kind = style[name]
        row(name, "none" if kind is None else f"{kind['type']} {kind['duration_ms']} ms {kind['easing']}")
    row("detected_beats", len(style["detected_beats"]))
    row("loudness", f"{style['loudness']['integrated_lufs']} LUFS")
    row("extraction_confidence", style["extraction_confidence"])
    console.print(table)


def show_result(result: dict[str, Any]) -> None:
    """The seconds of the stages, and how near the output came."""
    table = Table("stage", "seconds", title="Time")
    for stage, seconds in result["stage_seconds"].items():
        table.add_row(stage, f"{seconds:.2f}")
    table.add_row("whole job", f"{result['processing_time_seconds']:.2f}")
    console.print(table)
    fidelity = Table("dimension", "template", "output", "nearness", title="The output, measured again")
    for name, near in (result["fidelity"] or {}).items():
        fidelity.add_row(name, str(near["template"]), str(near["output"]), f"{near['nearness']:.2f}")
    console.print(fidelity)


def download(client: httpx.Client, result: dict[str, Any], folder: Path) -> None:
    """Every artifact into the folder, streamed."""
    for artifact in result["artifacts"]:
        path = folder / Path(artifact["name"]).name
        with (
            client.stream("GET", str(client.base_url.copy_with(path=artifact["url"]))) as answer,
            path.open("wb") as file,
        ):
            answer.raise_for_status()
            for piece in answer.iter_bytes():
                file.write(piece)
        console.print(f"  {path}  {path.stat().st_size / 1024:,.0f} KiB")


def main() -> None:
    """Parses the options and runs the whole."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--footage", type=Path, help="your own footage")
    options.add_argument("--template", type=Path, help="your own template")
    options.add_argument("--look", choices=sorted(LOOKS), default="reel", help="which of the demo's templates")
    options.add_argument("--port", type=int, default=int(os.environ.get("CLIPZY_DEMO_PORT", "18080")))
    chosen = options.parse_args()
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir()
    footage, template = chosen.footage or OUTPUT / "footage.mp4", chosen.template or OUTPUT / "template.mp4"
    if not chosen.footage or not chosen.template:
        console.print("cutting the demo's clips …")
    if not chosen.footage:
        make_footage(footage)
    if not chosen.template:
        make_template(template, chosen.look)
    console.print("starting Clipzy …")
    with running_clipzy(OUTPUT / "data", chosen.port) as client:
        job = {"video_id": upload(client, footage), "template_video_id": upload(client, template)}
        result = follow(client, data_of(client.post("/jobs", json=job))["job_id"])
        show_style(result["style_json"])
        show_result(result)
        console.print("what came out:")
        download(client, result, OUTPUT)
    console.print("[bold green]done.[/] Open comparison.png and report.html first.")


if __name__ == "__main__":
    main()

"""A whole transfer of 30 s of 1080p, stage by stage, against a plain run that only decodes both files and encodes once.

Each stage runs in a fresh child, as in a worker; its processor seconds and its peak memory are the child's own.
"""

import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

import av

from clipzy_server.domain.job import Job, JobConfig, JobStatus, Quality, Stage
from clipzy_server.domain.video import Video
from clipzy_server.jobs.order import FOOTAGE, TEMPLATE, JobOrder
from clipzy_server.jobs.record import OUTPUTS_NAME
from clipzy_server.jobs.wiring import Places, stage_inputs
from clipzy_server.media.probe import probe
from demo.clips import LOOKS, make_footage, make_template

SECONDS = 30
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Cost:
    """Wall and processor seconds, peak resident memory in MiB."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def measured(work: Callable[[], Any]) -> tuple[Any, Cost]:
    """The work's answer and its cost, in a child of its own."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)

    def child() -> None:
        answer = work()
        used = resource.getrusage(resource.RUSAGE_SELF)
        theirs.send((answer, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024))

    begun_s = time.monotonic()
    process = context.Process(target=child)
    process.start()
    theirs.close()
    try:
        answer, cpu_s, peak_mib = ours.recv()
    except EOFError:
        raise SystemExit("a stage ended without an answer") from None
    process.join()
    return answer, Cost(time.monotonic() - begun_s, cpu_s, peak_mib)


def enlarge(source: Path, path: Path, size: tuple[int, int]) -> None:
    """`source` again and again until it is 30 s long, in 1080p."""
    with av.open(str(path), "w") as out:
        with av.open(str(source)) as container:
            rate = Fraction(container.streams.video[0].average_rate or 25)
        video = out.add_stream("libx264", rate=rate, options={"preset": "veryfast", "crf": "20"})
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        audio = out.add_stream("aac", rate=48000, layout="stereo")
        pictures, resampler = 0, av.AudioResampler("fltp", "stereo", 48000, 1024)
        while pictures < SECONDS * rate:
            with av.open(str(source)) as container:
                for frame in container.decode(video=0, audio=0):
                    frame.pts = None
                    if isinstance(frame, av.AudioFrame):
                        for piece in resampler.resample(frame):
                            out.mux(audio.encode(piece))
                    elif pictures < SECONDS * rate:
                        picture = frame.reformat(*size, "yuv420p")
                        picture.pts, picture.time_base, picture.pict_type = pictures, 1 / rate, 0
                        out.mux(video.encode(picture))
                        pictures += 1
        out.mux(video.encode(None))
        out.mux(audio.encode(None))


def plain_run(footage: Path, template: Path, output: Path) -> None:
    """Decodes both files and encodes the footage once, as the writer would at quality high."""
    with av.open(str(template)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for _ in container.decode(video=0):
            pass
    with av.open(str(footage)) as container, av.open(str(output), "w") as out:
        source = container.streams.video[0]
        source.thread_type = "AUTO"
        video = out.add_stream("libx264", rate=source.average_rate, options={"preset": "medium", "crf": "18"})
        video.width, video.height, video.pix_fmt = source.width, source.height, "yuv420p"
        for frame in container.decode(source):
            frame.pict_type = 0
            out.mux(video.encode(frame))
        out.mux(video.encode(None))


def order_of(footage: Path, template: Path) -> JobOrder:
    """A job as a worker would read it."""

    def video(path: Path) -> Video:
        return Video(path.stem, "own_1", path.name, path.stat().st_size, probe(str(path)), NOW, "", "", "")

    config = JobConfig(quality=Quality.HIGH)
    job = Job(
        "job_1", "own_1", "footage", JobStatus.PROCESSING, 1, None, NOW, NOW, config, template_video_id="template"
    )
    return JobOrder(job, video(footage), video(template), None)


def main() -> None:
    """Prints a row for each stage, the sums, and their ratios to the plain run."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        small, look = folder / "small", LOOKS["reel"]
        small.mkdir()
        make_footage(small / "footage.mp4")
        make_template(small / "template.mp4")
        footage, template = folder / "footage.mp4", folder / "template.mp4"
        enlarge(small / "footage.mp4", footage, (1920, 1080))
        enlarge(small / "template.mp4", template, (look.width * 3, look.height * 3))
        _, plain = measured(lambda: plain_run(footage, template, folder / "plain.mp4"))
        costs = run_stages(order_of(footage, template), {FOOTAGE: footage, TEMPLATE: template}, folder)
    report(costs, plain)


def run_stages(order: JobOrder, videos: dict[str, Path], folder: Path) -> dict[str, Cost]:
    """Every stage in its order, each in a child."""
    places, costs = Places(videos, {}, "madmom"), {}
    tasks = {stage: import_module(f"clipzy_server.stages.{stage.value}").task for stage in Stage}
    for stage in Stage:
        places.folders[stage] = folder / stage.value
        places.folders[stage].mkdir()
        payload = {"inputs": stage_inputs(stage, order, places), "folder": str(places.folders[stage])}
        outputs, costs[stage.value] = measured(lambda: tasks[stage](payload, lambda _: None))  # noqa: B023 - run at once
        (places.folders[stage] / OUTPUTS_NAME).write_text(json.dumps(outputs))
    return costs


def report(costs: dict[str, Cost], plain: Cost) -> None:
    """The table, in Markdown."""
    whole = Cost(
        sum(cost.wall_s for cost in costs.values()),
        sum(cost.cpu_s for cost in costs.values()),
        max(cost.peak_mib for cost in costs.values()),
    )
    print("| stage | wall s | CPU s | peak MiB |\n|---|---|---|---|")
    for name, cost in {**costs, "all six": whole, "plain decode + encode": plain}.items():
        print(f"| {name} | {cost.wall_s:.1f} | {cost.cpu_s:.1f} | {cost.peak_mib:.0f} |")
    print(f"\nwall {whole.wall_s / plain.wall_s:.2f} ×, CPU {whole.cpu_s / plain.cpu_s:.2f} × the plain run")


if __name__ == "__main__":
    main()

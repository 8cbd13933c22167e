"""Stage 6: the plan executed, the output checked by decoding it, and told beside what it was made from.

The parts of a long output are rendered and checked before, each by a worker of its own if there are so many, and joined
here.
"""

import errno
import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

from clipzy_server.domain.analysis import SoundAnalysis
from clipzy_server.domain.codec import from_plain, to_plain
from clipzy_server.domain.errors import ErrorCode, StageFailed
from clipzy_server.domain.job import DimensionFidelity, JobConfig
from clipzy_server.domain.plan import EditPlan
from clipzy_server.domain.style import StyleDna
from clipzy_server.domain.video import VideoMetadata
from clipzy_server.media.frames import decode
from clipzy_server.media.stills import Stills, evenly, read_stills
from clipzy_server.rendering.chunks import chunks
from clipzy_server.rendering.contact_sheet import Row, contact_sheet, jpeg
from clipzy_server.rendering.render import Materials, Sound, join, render
from clipzy_server.rendering.report import Told, report_html
from clipzy_server.rendering.report_charts import beats_shown
from clipzy_server.rendering.sound import render_sound, sound_for
from clipzy_server.stages.checking import check_pictures, check_seams, check_sound
from clipzy_server.stages.fidelity import compare_styles, measure_output
from clipzy_server.stages.style_application import LUTS_NAME
from clipzy_server.stages.video_analysis import STILLS

Report = Callable[[float], None]

OUTPUT_NAME = "output.mp4"
SHEET_NAME = "comparison.png"
REPORT_NAME = "report.html"
PART_NAME, FEATURES_NAME = "part.mp4", "features"
# Shares of the stage's time: pictures, check.
_PICTURES_UNTIL, _CHECKED_UNTIL = 0.8, 0.95


@dataclass(frozen=True, slots=True)
class Inputs:
    """The footage's file and sound, the folder of the template's stills where there is one, and the plan with the
    folder of its colour tables. Only `part` of the output is to be made, or `parts` are the folders of all of them.
    """

    footage: str
    metadata: VideoMetadata
    template_stills: str | None
    style: StyleDna
    plan: EditPlan
    plan_folder: str
    config: JobConfig
    sound: SoundAnalysis = SoundAnalysis()
    part: int | None = None
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outputs:
    """What was measured on the output: nearness per dimension, its frames and its length in seconds."""

    fidelity: dict[str, DimensionFidelity]
    frame_count: int
    duration_s: float


def run(inputs: Inputs, folder: Path, report: Report) -> Outputs:
    """Write output.mp4, comparison.png and report.html. Raises StageFailed RENDER_FAILED."""
    folder.mkdir(parents=True, exist_ok=True)
    output = folder / OUTPUT_NAME
    seen = _stills(inputs.plan)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".work-") as work, ThreadPoolExecutor(1) as beside:
        sound = _sound(inputs, Path(work), beside)
        _render(inputs, sound, output, seen.footage, _part(report, 0.0, _PICTURES_UNTIL))
        hearing = beside.submit(check_sound, inputs.plan, output, has_sound=sound is not None)
        features = Path(work) / FEATURES_NAME
        _check(inputs, output, seen.output, features, _part(report, _PICTURES_UNTIL, _CHECKED_UNTIL))
        showing = beside.submit(_show, inputs, seen)
        made = measure_output(features, _metadata(inputs, sound is not None), hearing.result(), inputs.style)
    fidelity = compare_styles(inputs.style, made, inputs.plan)
    _tell(inputs, made, fidelity, showing.result(), folder)
    report(1.0)
    return Outputs(fidelity, inputs.plan.frame_count, float(inputs.plan.duration_s))


def run_part(inputs: Inputs, number: int, folder: Path, report: Report) -> None:
    """Write part.mp4, the pictures of one part, and their features. Raises StageFailed RENDER_FAILED."""
    part, path = chunks(inputs.plan)[number], folder / PART_NAME
    with _told():
        render(inputs.plan, _materials(inputs, Stills(()), None), path, _part(report, 0.0, _PICTURES_UNTIL), part)
    checked = _part(report, _PICTURES_UNTIL, 1.0)
    check_pictures(inputs.plan, part, decode(path), folder / FEATURES_NAME, checked)


def task(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """The stage as the sandbox calls it: {"inputs", "folder"} in, plain `Outputs` out."""
    inputs = from_plain(Inputs, payload["inputs"])
    if inputs.part is not None:
        run_part(inputs, inputs.part, Path(payload["folder"]), report)
        return {}
    plain: dict[str, Any] = to_plain(run(inputs, Path(payload["folder"]), report))
    return plain


def _part(report: Report, first: float, last: float) -> Report:
    return lambda done: report(first + (last - first) * done)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Stills of the output, and of the footage at the moments that are shown in them."""

    footage: Stills
    output: Stills


def _stills(plan: EditPlan) -> _Seen:
    times_s = evenly(plan.duration_s, STILLS)
    return _Seen(Stills(tuple(map(plan.source_time_s, times_s))), Stills(times_s))


def _sound(inputs: Inputs, work: Path, beside: ThreadPoolExecutor) -> Future[Sound] | None:
    """The output's sound, made beside its pictures."""
    track = sound_for(inputs.plan, Path(inputs.footage))
    return beside.submit(lambda: render_sound(track, inputs.plan, work).blocks()) if track is not None else None


def _render(inputs: Inputs, sound: Future[Sound] | None, output: Path, stills: Stills, report: Report) -> None:
    materials = _materials(inputs, stills, sound)
    with _told():
        if inputs.parts:
            stills.seek(inputs.footage)
            join([Path(part) / PART_NAME for part in inputs.parts], inputs.plan, materials.sound, output)
            report(1.0)
        else:
            render(inputs.plan, materials, output, report)


def _materials(inputs: Inputs, stills: Stills, sound: Future[Sound] | None) -> Materials:
    luts = np.load(Path(inputs.plan_folder) / LUTS_NAME, mmap_mode="r")
    return Materials(lambda start_s: stills.watching(decode(inputs.footage, start_s)), sound, luts)


@contextmanager
def _told() -> Iterator[None]:
    """An encoder that fails is told as a failed rendering, a full disk as that."""
    try:
        yield
    except av.FFmpegError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise  # the disk is to blame, not the film
        raise StageFailed(ErrorCode.RENDER_FAILED, "The output could not be encoded", str(problem)) from problem


def _check(inputs: Inputs, output: Path, stills: Stills, features: Path, report: Report) -> None:
    plan = inputs.plan
    if inputs.parts:
        stills.seek(output)
        checked = [Path(part) / FEATURES_NAME for part in inputs.parts]
        with_features = list(zip(chunks(plan), checked, strict=True))
        check_seams(plan, with_features, output, features, report)
    else:
        check_pictures(plan, range(plan.frame_count), stills.watching(decode(output)), features, report)


def _metadata(inputs: Inputs, has_sound: bool) -> VideoMetadata:
    """What a probe of the output would say, as far as measuring its style needs it."""
    output = inputs.plan.output
    return VideoMetadata(
        width=output.width,
        height=output.height,
        duration_seconds=float(inputs.plan.duration_s),
        frame_rate=float(output.frame_rate),
        codec="h264",
        bitrate_kbps=0,
        format="mp4",
        has_audio=has_sound,
        audio_codec="aac" if has_sound else None,
        is_variable_frame_rate=False,
        is_hdr=False,
        rotation_degrees=0,
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """The contact sheet as a PNG file, and frames before and after as JPEG files."""

    sheet: bytes
    pairs: Sequence[tuple[bytes, bytes]]


def _show(inputs: Inputs, seen: _Seen) -> _Shown:
    before, after = seen.footage.pictures(), seen.output.pictures()
    rows = [
        Row("footage, at the moments shown below", seen.footage.times_s, before),
        Row("output", seen.output.times_s, after),
    ]
    if inputs.template_stills is not None:
        rows.insert(0, Row("template", *read_stills(Path(inputs.template_stills))))
    file = io.BytesIO()
    contact_sheet(rows).save(file, "PNG")
    pairs = [(jpeg(one), jpeg(two)) for one, two in zip(before[1::2], after[1::2], strict=True)]
    return _Shown(file.getvalue(), pairs)


def _tell(inputs: Inputs, made: StyleDna, fidelity: dict[str, DimensionFidelity], shown: _Shown, folder: Path) -> None:
    (folder / SHEET_NAME).write_bytes(shown.sheet)
    told = Told(inputs.style, made, fidelity, tuple(beats_shown(inputs.plan, inputs.sound)))
    (folder / REPORT_NAME).write_text(report_html(inputs.plan, told, shown.sheet, shown.pairs), encoding="utf-8")

"""Stage 5: from the style and the analysed footage to the edit plan, its colour table and its timelines."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from clipzy_server.analysis.colour.measure import sample_colours
from clipzy_server.analysis.colour.thumbs import Thumbs as ColourThumbs
from clipzy_server.analysis.picture.features import Features
from clipzy_server.domain.analysis import MotionAnalysis, PictureAnalysis, SoundAnalysis
from clipzy_server.domain.codec import from_plain, to_json, to_plain
from clipzy_server.domain.job import Dimension, JobConfig
from clipzy_server.domain.plan import EditPlan
from clipzy_server.domain.style import StyleDna
from clipzy_server.domain.video import VideoMetadata
from clipzy_server.rendering.chunks import chunks
from clipzy_server.rendering.footage import FootageAnalysis, Thumbs
from clipzy_server.rendering.grade import Grade, build_grade, identity_cube, write_cube
from clipzy_server.rendering.plan import Chain, dimensions, make_plan
from clipzy_server.rendering.shown import shown_thumbs
from clipzy_server.rendering.sound_plan import plan_sound
from clipzy_server.rendering.timeline import edl_text

Report = Callable[[float], None]

PLAN_NAME = "plan.json"
LUTS_NAME = "luts.npy"
CUBE_NAME = "grade.cube"
OTIO_NAME = "timeline.otio"
EDL_NAME = "timeline.edl"
_FOOTAGE_NAME = "footage"


@dataclass(frozen=True, slots=True)
class Inputs:
    """The style, and everything measured of the footage; `features` is its folder of per-frame features.

    Without a template and without a style in `config` the style is the footage's own and nothing is changed.
    """

    style: StyleDna
    picture: PictureAnalysis
    sound: SoundAnalysis
    motion: MotionAnalysis
    features: str
    metadata: VideoMetadata
    config: JobConfig
    template_features: str | None = None
    blends_frames: bool = False


@dataclass(frozen=True, slots=True)
class Outputs:
    """The edit plan, and in how many parts it is rendered. Its files are in the stage's folder."""

    plan: EditPlan
    parts: int = 1


def run(inputs: Inputs, folder: Path, report: Report) -> Outputs:
    """Write plan.json, luts.npy (int16[k, 3, 33, 33, 256], k 0 or 1), grade.cube, timeline.otio and timeline.edl."""
    config = inputs.config
    has_style = inputs.template_features is not None or config.style_id is not None or config.style_json is not None
    applied = dimensions(config, has_style)
    strength = config.strength if Dimension.AUDIO in applied else 0.0
    graded = Dimension.COLOR in applied and inputs.style.look is not None
    footage = _footage(inputs)
    chain = Chain(plan_sound(inputs.style, inputs.sound, strength), graded, inputs.blends_frames)
    plan = make_plan(inputs.style, footage, config, applied, chain)
    report(0.5)
    grade = _grade(inputs, plan, footage.thumbs) if graded else None
    report(0.9)
    _write(plan, grade, inputs, folder)
    report(1.0)
    return Outputs(plan, len(chunks(plan)))


def task(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """The stage as the sandbox calls it: {"inputs", "folder"} in, plain `Outputs` out."""
    inputs = from_plain(Inputs, payload["inputs"])
    plain: dict[str, Any] = to_plain(run(inputs, Path(payload["folder"]), report))
    return plain


def _footage(inputs: Inputs) -> FootageAnalysis:
    features = Features.open(inputs.features)
    pictures = (features.thumb_y, features.thumb_u, features.thumb_v)
    thumbs = Thumbs(features.times, *pictures, features.motion, features.sharpness)
    return FootageAnalysis(inputs.picture, inputs.sound, inputs.motion, inputs.metadata, thumbs)


def _grade(inputs: Inputs, plan: EditPlan, thumbs: Thumbs | None) -> Grade | None:
    """The one grade of the whole output, made for the colours that the plan shows; what it drops does not count."""
    style = inputs.style
    if style.look is None or thumbs is None:
        return None
    shown = shown_thumbs(plan, thumbs, inputs.picture.width, inputs.picture.height)
    sample = sample_colours(ColourThumbs(shown.times_s, shown.y, shown.u, shown.v))
    return build_grade(sample, style.look, style.color_grade, inputs.config.strength)


def _write(plan: EditPlan, grade: Grade | None, inputs: Inputs, folder: Path) -> None:
    # Its library weighs 4 MB, which the children of all other stages would carry too.
    from clipzy_server.rendering.otio_timeline import write_otio  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    (folder / PLAN_NAME).write_bytes(to_json(plan))
    tables = grade.prism[None] if grade is not None else np.empty((0, 3, 33, 33, 256), np.int16)
    # By way of memory: written straight to a full disk, NumPy's error does not say that it is full.
    file = io.BytesIO()
    np.save(file, tables)
    (folder / LUTS_NAME).write_bytes(file.getbuffer())
    write_cube(grade.cube if grade is not None else identity_cube(), folder / CUBE_NAME)
    write_otio(plan, _FOOTAGE_NAME, inputs.picture.duration_s, folder / OTIO_NAME)
    (folder / EDL_NAME).write_text(edl_text(plan, _FOOTAGE_NAME), encoding="ascii")

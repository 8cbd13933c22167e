"""What the engine hands to a stage is exactly what the stage takes."""

import importlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from clipzy_server.analysis.colour.measure import ColourMeasure
from clipzy_server.domain.analysis import MotionAnalysis, PictureAnalysis, ShotMotion, SoundAnalysis
from clipzy_server.domain.codec import from_plain, to_plain
from clipzy_server.domain.job import Job, JobConfig, JobMode, JobStatus, Quality, Stage
from clipzy_server.domain.plan import EditPlan, OutputFormat
from clipzy_server.domain.style import AspectRatio, AudioStyle, Camera, ColorGrade, Look, StyleDna, Transition
from clipzy_server.domain.video import Video, VideoMetadata
from clipzy_server.jobs.order import JobOrder
from clipzy_server.jobs.record import OUTPUTS_NAME
from clipzy_server.jobs.wiring import Places, stage_inputs

NOW = datetime(2026, 1, 2, tzinfo=UTC)
METADATA = VideoMetadata(64, 36, 4.0, 30.0, "h264", 500, "mp4", True, "aac", False, False, 0)
STYLE = StyleDna(
    ColorGrade(), AspectRatio.WIDE, 30, AudioStyle(), 7.5, 11.0, 0.0, Transition(), NOW, 4.0, 0.7
)  # fmt: skip
PICTURE = PictureAnalysis(64, 36, 4.0, 120, 30.0, AspectRatio.WIDE, (), 0.0)
COLOUR = ColourMeasure(ColorGrade(), (), Look((0.5,), ()), {})
MOTION = MotionAnalysis(1.0, 0.0, Camera(), (ShotMotion(0.0, 0.0, 0.0, 0.0, 0.0, False),))
PLAN = EditPlan(OutputFormat(64, 36, Fraction(30), Quality.LOW), (), None, ())


def video(name: str) -> Video:
    return Video(f"vid_{name}", "own", f"{name}.mp4", 9, METADATA, NOW, "", "0" * 64, f"vid_{name}/{name}.mp4")


def order(*, template: bool = False, style: StyleDna | None = None, mode: JobMode = JobMode.TRANSFER) -> JobOrder:
    config = JobConfig(mode=mode, style_json=style)
    job = Job("job_1", "own", "vid_footage", JobStatus.PROCESSING, 1, None, NOW, NOW, config, started_at=NOW)
    return JobOrder(job, video("footage"), video("template") if template else None, style)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    def left(roles: tuple[str, ...], value: Any) -> dict[str, Any]:
        return {role: to_plain(value) for role in roles}

    both = ("template", "footage")
    outputs = {
        Stage.VIDEO_ANALYSIS: {"pictures": left(both, PICTURE), "colour": to_plain(COLOUR)},
        Stage.AUDIO_ANALYSIS: {"sounds": left(both, SoundAnalysis())},
        Stage.MOTION_ANALYSIS: {"motions": left(both, MOTION)},
        Stage.STYLE_EXTRACTION: {"style": to_plain(STYLE)},
        Stage.STYLE_APPLICATION: {"plan": to_plain(PLAN)},
    }
    for stage, value in outputs.items():
        (tmp_path / stage.value).mkdir()
        (tmp_path / stage.value / OUTPUTS_NAME).write_text(json.dumps(value))
    videos = {role: tmp_path / f"{role}.mp4" for role in both}
    return Places(videos, {stage: tmp_path / stage.value for stage in outputs}, "flux")


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("template", [False, True])
def test_every_stage_takes_what_it_is_given(stage: Stage, template: bool, places: Places) -> None:
    kind = importlib.import_module(f"clipzy_server.stages.{stage.value}").Inputs
    plain = json.loads(json.dumps(stage_inputs(stage, order(template=template), places)))
    assert set(plain) <= set(kind.__dataclass_fields__)
    assert isinstance(from_plain(kind, plain), kind)


@pytest.mark.parametrize(
    ("asked", "analysed"),
    [
        ({}, {"footage"}),
        ({"template": True}, {"template", "footage"}),
        ({"template": True, "mode": JobMode.EXTRACT_ONLY}, {"template"}),
        ({"mode": JobMode.EXTRACT_ONLY}, {"footage"}),
        ({"style": STYLE}, {"footage"}),
        ({"style": STYLE, "mode": JobMode.EXTRACT_ONLY}, set()),
    ],
)
def test_only_what_is_needed_is_analysed(asked: dict[str, Any], analysed: set[str]) -> None:
    assert set(order(**asked).analysed) == analysed


def test_the_style_is_that_of_the_template(places: Places) -> None:
    orders = order(template=True), order(), order(style=STYLE)
    asked = [stage_inputs(Stage.VIDEO_ANALYSIS, one, places)["style_role"] for one in orders]
    assert asked == ["template", "footage", None]
    pictures = {role: to_plain(replace(PICTURE, width=width)) for role, width in (("template", 1), ("footage", 2))}
    outputs = places.folders[Stage.VIDEO_ANALYSIS] / OUTPUTS_NAME
    outputs.write_text(json.dumps({"pictures": pictures, "colour": to_plain(COLOUR)}))
    widths = [stage_inputs(Stage.STYLE_EXTRACTION, one, places)["picture"]["width"] for one in orders[:2]]
    assert widths == [1, 2]

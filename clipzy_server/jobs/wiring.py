"""What each stage gets: its typed inputs as plain values, made of the order and of what earlier stages left."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clipzy_server.domain.codec import to_plain
from clipzy_server.domain.job import Stage
from clipzy_server.domain.video import Video
from clipzy_server.jobs.order import FOOTAGE, TEMPLATE, JobOrder
from clipzy_server.jobs.record import OUTPUTS_NAME

NEEDS: dict[Stage, tuple[Stage, ...]] = {
    Stage.VIDEO_ANALYSIS: (),
    Stage.AUDIO_ANALYSIS: (),
    Stage.MOTION_ANALYSIS: (Stage.VIDEO_ANALYSIS,),
    Stage.STYLE_EXTRACTION: (Stage.VIDEO_ANALYSIS, Stage.AUDIO_ANALYSIS, Stage.MOTION_ANALYSIS),
    Stage.STYLE_APPLICATION: (
        Stage.VIDEO_ANALYSIS,
        Stage.AUDIO_ANALYSIS,
        Stage.MOTION_ANALYSIS,
        Stage.STYLE_EXTRACTION,
    ),
    Stage.RENDERING: (Stage.VIDEO_ANALYSIS, Stage.AUDIO_ANALYSIS, Stage.STYLE_EXTRACTION, Stage.STYLE_APPLICATION),
}
"""The earlier stages whose folders a stage reads."""

READS_VIDEOS: dict[Stage, tuple[str, ...]] = {
    Stage.VIDEO_ANALYSIS: (FOOTAGE, TEMPLATE),
    Stage.AUDIO_ANALYSIS: (FOOTAGE, TEMPLATE),
    Stage.RENDERING: (FOOTAGE,),
}
"""The videos that a stage opens, by role."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where things lie on this machine while a stage runs: videos by role, folders of earlier stages.

    Of the output only `part` is to be rendered, or `parts` are the folders of all of them, rendered before.
    """

    videos: dict[str, Path]
    folders: dict[Stage, Path]
    beat_tracker: str
    blends_frames: bool = False
    part: int | None = None
    parts: list[Path] = field(default_factory=list)

    @property
    def paths(self) -> tuple[str, ...]:
        """All of them: what the stage may read."""
        return tuple(str(path) for path in (*self.videos.values(), *self.folders.values(), *self.parts))

    def outputs(self, stage: Stage) -> dict[str, Any]:
        """What an earlier stage returned."""
        text = (self.folders[stage] / OUTPUTS_NAME).read_bytes()
        outputs: dict[str, Any] = json.loads(text)
        return outputs

    def features(self, role: str) -> str:
        """The folder of a video's per-frame features."""
        return str(self.folders[Stage.VIDEO_ANALYSIS] / role)

    def stills(self, role: str) -> str:
        """The folder of a video's still pictures."""
        return str(self.folders[Stage.VIDEO_ANALYSIS] / f"{role}-stills")


def stage_inputs(stage: Stage, order: JobOrder, places: Places) -> dict[str, Any]:
    """The stage's `Inputs` as plain values."""
    return _BUILDERS[stage](order, places)


def _sources(order: JobOrder, places: Places) -> dict[str, Any]:
    def source(role: str, video: Video) -> dict[str, Any]:
        return {"path": str(places.videos[role]), "metadata": to_plain(video.metadata)}

    return {role: source(role, video) for role, video in order.analysed.items()}


def _video_analysis(order: JobOrder, places: Places) -> dict[str, Any]:
    return {"sources": _sources(order, places), "style_role": order.style_role if order.style is None else None}


def _audio_analysis(order: JobOrder, places: Places) -> dict[str, Any]:
    return {"sources": _sources(order, places), "beat_tracker": places.beat_tracker}


def _motion_analysis(order: JobOrder, places: Places) -> dict[str, Any]:
    return {
        "pictures": places.outputs(Stage.VIDEO_ANALYSIS)["pictures"],
        "features": {role: places.features(role) for role in order.analysed},
    }


def _measures(role: str, places: Places) -> dict[str, Any]:
    return {
        "picture": places.outputs(Stage.VIDEO_ANALYSIS)["pictures"][role],
        "sound": places.outputs(Stage.AUDIO_ANALYSIS)["sounds"][role],
        "motion": places.outputs(Stage.MOTION_ANALYSIS)["motions"][role],
    }


def _style_extraction(order: JobOrder, places: Places) -> dict[str, Any]:
    created_at = datetime.now(UTC).replace(microsecond=0)
    colour = places.outputs(Stage.VIDEO_ANALYSIS)["colour"]
    return {**_measures(order.style_role, places), "colour": colour, "created_at": created_at.isoformat()}


def _style_application(order: JobOrder, places: Places) -> dict[str, Any]:
    return {
        "style": places.outputs(Stage.STYLE_EXTRACTION)["style"],
        **_measures(FOOTAGE, places),
        "features": places.features(FOOTAGE),
        "metadata": to_plain(order.footage.metadata),
        "config": to_plain(order.job.config),
        "template_features": places.features(TEMPLATE) if order.template is not None else None,
        "blends_frames": places.blends_frames,
    }


def _rendering(order: JobOrder, places: Places) -> dict[str, Any]:
    return {
        "footage": str(places.videos[FOOTAGE]),
        "metadata": to_plain(order.footage.metadata),
        "template_stills": places.stills(TEMPLATE) if order.template is not None else None,
        "style": places.outputs(Stage.STYLE_EXTRACTION)["style"],
        "plan": places.outputs(Stage.STYLE_APPLICATION)["plan"],
        "plan_folder": str(places.folders[Stage.STYLE_APPLICATION]),
        "config": to_plain(order.job.config),
        "sound": places.outputs(Stage.AUDIO_ANALYSIS)["sounds"][FOOTAGE],
        "part": places.part,
        "parts": [str(part) for part in places.parts],
    }


_BUILDERS: dict[Stage, Callable[[JobOrder, Places], dict[str, Any]]] = {
    Stage.VIDEO_ANALYSIS: _video_analysis,
    Stage.AUDIO_ANALYSIS: _audio_analysis,
    Stage.MOTION_ANALYSIS: _motion_analysis,
    Stage.STYLE_EXTRACTION: _style_extraction,
    Stage.STYLE_APPLICATION: _style_application,
    Stage.RENDERING: _rendering,
}

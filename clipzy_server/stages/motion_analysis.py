"""Stage 3: how the camera moves, read from the features that stage 1 measured."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clipzy_server.analysis.motion.camera import analyse_motion
from clipzy_server.analysis.picture.features import Features
from clipzy_server.domain.analysis import MotionAnalysis, PictureAnalysis
from clipzy_server.domain.codec import from_plain, to_plain

Report = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Inputs:
    """The pictures by role, and the folder of each one's features."""

    pictures: dict[str, PictureAnalysis]
    features: dict[str, str]


@dataclass(frozen=True, slots=True)
class Outputs:
    """The motion of each video, by the same roles."""

    motions: dict[str, MotionAnalysis]


def run(inputs: Inputs, folder: Path, report: Report) -> Outputs:
    """Interpret the motion of every picture. Nothing is written into `folder`."""
    del folder
    motions = {}
    for number, (role, picture) in enumerate(inputs.pictures.items(), start=1):
        motions[role] = analyse_motion(Features.open(inputs.features[role]), picture)
        report(number / len(inputs.pictures))
    return Outputs(motions)


def task(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """The stage as the sandbox calls it: {"inputs", "folder"} in, plain `Outputs` out."""
    inputs = from_plain(Inputs, payload["inputs"])
    plain: dict[str, Any] = to_plain(run(inputs, Path(payload["folder"]), report))
    return plain

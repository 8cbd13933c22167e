"""Stage 2: what the videos sound like, one after the other; to see them, beside which it runs, takes longer."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clipzy_server.analysis.sound.listen import BeatTracker, analyse_sound
from clipzy_server.domain.analysis import SoundAnalysis, Source
from clipzy_server.domain.codec import from_plain, to_plain

Report = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Inputs:
    """The videos by role, `template` and `footage` (only those needed)."""

    sources: dict[str, Source]
    beat_tracker: BeatTracker


@dataclass(frozen=True, slots=True)
class Outputs:
    """The sound of each video, by the same roles."""

    sounds: dict[str, SoundAnalysis]


def run(inputs: Inputs, folder: Path, report: Report) -> Outputs:
    """Analyse every source. Nothing is written into `folder`; one file in two roles is analysed once."""
    del folder
    paths = sorted({source.path for source in inputs.sources.values()})
    by_path = {}
    for number, path in enumerate(paths):

        def advance(done: float, before: int = number) -> None:
            report((before + done) / len(paths))

        by_path[path] = analyse_sound(path, inputs.beat_tracker, advance)
    return Outputs({role: by_path[source.path] for role, source in inputs.sources.items()})


def task(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """The stage as the sandbox calls it: {"inputs", "folder"} in, plain `Outputs` out."""
    inputs = from_plain(Inputs, payload["inputs"])
    plain: dict[str, Any] = to_plain(run(inputs, Path(payload["folder"]), report))
    return plain

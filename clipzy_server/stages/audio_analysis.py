"""Stage 2: what the videos sound like, template and footage side by side."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
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
    progress = _Progress(len(paths), report)
    with ThreadPoolExecutor(max(1, len(paths))) as pool:
        sounds = pool.map(lambda n: analyse_sound(paths[n], inputs.beat_tracker, progress.part(n)), range(len(paths)))
        by_path = dict(zip(paths, sounds, strict=True))
    return Outputs({role: by_path[source.path] for role, source in inputs.sources.items()})


def task(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """The stage as the sandbox calls it: {"inputs", "folder"} in, plain `Outputs` out."""
    inputs = from_plain(Inputs, payload["inputs"])
    plain: dict[str, Any] = to_plain(run(inputs, Path(payload["folder"]), report))
    return plain


class _Progress:
    """The mean of several parts, reported as it grows."""

    def __init__(self, parts: int, report: Report) -> None:
        self._done = [0.0] * parts
        self._report = report
        self._lock = Lock()

    def part(self, number: int) -> Report:
        def advance(done: float) -> None:
            with self._lock:
                self._done[number] = max(self._done[number], done)
                self._report(sum(self._done) / len(self._done))

        return advance

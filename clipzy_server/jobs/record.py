"""What a finished stage leaves behind: the small value that the engine checkpoints, and its files."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from clipzy_server.domain.job import Artifact

OUTPUTS_NAME = "outputs.json"
"""The stage's typed outputs, beside its other files."""

ARTIFACT_NAMES = ("style.json", "grade.cube", "timeline.otio", "timeline.edl", "report.html", "comparison.png")
OUTPUT_NAME = "output.mp4"


@dataclass(frozen=True, slots=True)
class StageRecord:
    """The winner among a stage's attempts: the key of its folder, its files that matter, the seconds it took.

    `parts`: in how many parts the output is rendered, where the stage has planned it.
    """

    folder: str
    artifacts: tuple[Artifact, ...]
    seconds: float
    parts: int = 1


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """The recorded result of a step. `record` is None when the job ended here: failed, cancelled or timed out."""

    record: StageRecord | None
    is_last: bool = False


def describe_files(folder: Path, key: str) -> tuple[Artifact, ...]:
    """Sizes and checksums of the outputs and the published files in a stage's folder."""
    names = [name for name in (OUTPUTS_NAME, OUTPUT_NAME, *ARTIFACT_NAMES) if (folder / name).is_file()]
    return tuple(_describe(folder / name, f"{key}/{name}") for name in names)


def _describe(path: Path, key: str) -> Artifact:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Artifact(name=path.name, bytes=path.stat().st_size, blob_key=key, sha256=digest)

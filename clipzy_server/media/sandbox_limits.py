"""What a task in a box may use, and what becomes of it when it takes more."""

from dataclasses import dataclass

from clipzy_server.domain.errors import ErrorCode, StageFailed
from clipzy_server.media.confinement import BoxMode
from clipzy_server.media.file_rules import FileRules


@dataclass(frozen=True, slots=True)
class Limits:
    """None is no limit. Times in seconds; `memory_bytes` counts what a task allocates, mapped files don't count.

    A task that shows no progress for `stall_s`, or for `still_s` neither progress nor use of a processor, is stalled.
    """

    address_space_bytes: int | None = None
    memory_bytes: int | None = None
    file_bytes: int | None = None
    cpu_s: int | None = None
    wall_s: float | None = None
    stall_s: float | None = None
    still_s: float | None = None
    open_files: int = 512


@dataclass(frozen=True, slots=True)
class BoxPolicy:
    """What holds for every box: which walls it has, and the rules for files."""

    mode: BoxMode = BoxMode.BEST_EFFORT
    rules: FileRules = FileRules()


class ChildDied(StageFailed):
    """A child ended without an answer, or had to be ended; `by_chance` when another try may go well."""

    def __init__(self, code: ErrorCode, message: str, detail: str, *, by_chance: bool) -> None:
        super().__init__(code, message, detail)
        self.by_chance = by_chance

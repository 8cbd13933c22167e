"""How a command ends when it cannot do what it was asked: a code for scripts, and words that say what to do next."""

from enum import IntEnum

from clipzy_client.connection import DEFAULT_SERVER
from clipzy_client.errors import (
    ClipzyError,
    Conflict,
    Exhausted,
    Forbidden,
    InsufficientStorage,
    Invalid,
    JobCancelled,
    JobFailed,
    NotFound,
    QuotaExceeded,
    TooLarge,
    Unauthorized,
    Unavailable,
)


class ExitCode(IntEnum):
    """What scripts may rely on."""

    JOB_ENDED_OTHERWISE = 1
    """The job failed or was cancelled."""
    USAGE = 2
    """The command line makes no sense."""
    UNREACHABLE = 3
    """Nobody answers, no answer came in time, or the server's disk is full."""
    NOT_ALLOWED = 4
    """The token is missing, wrong, or lacks the scope."""
    NOT_FOUND = 5
    """There is no such video, job, style or file."""
    REFUSED = 6
    """The video or a setting is not what may be."""
    CONFLICT = 7
    """Not in the present state: already processing, already finished, not ready."""
    EXHAUSTED = 8
    """A limit of rate or quota."""
    FAILED = 9
    """The server failed, or said what this version does not know."""
    INTERRUPTED = 130
    """Ctrl-C."""


_CODES = (
    ((JobFailed, JobCancelled), ExitCode.JOB_ENDED_OTHERWISE),
    ((Unavailable,), ExitCode.UNREACHABLE),
    ((Unauthorized, Forbidden), ExitCode.NOT_ALLOWED),
    ((NotFound,), ExitCode.NOT_FOUND),
    ((Invalid, TooLarge), ExitCode.REFUSED),
    ((Conflict,), ExitCode.CONFLICT),
    ((Exhausted,), ExitCode.EXHAUSTED),
)

_HINTS: tuple[tuple[type[ClipzyError], str], ...] = (
    (
        InsufficientStorage,
        "The server has no room: free some, or delete videos: clipzy videos list, clipzy videos delete ID.",
    ),
    (
        Unavailable,
        f"Is Clipzy running? Start it: clipzy up --data-dir data. Not at {DEFAULT_SERVER}? Then --server HOST:PORT.",
    ),
    (
        Unauthorized,
        "Give an owner's token: --token @data/token, or export CLIPZY_TOKEN=@data/token.",
    ),
    (Forbidden, "Use a token of a wider scope: clipzy token create --owner NAME --scope write --data-dir data."),
    (
        QuotaExceeded,
        "Delete videos (clipzy videos delete ID) or let jobs end; the limits are CLIPZY_QUOTA_….",
    ),
)


def exit_code(error: ClipzyError) -> ExitCode:
    """The code of an error's class."""
    return next((code for kinds, code in _CODES if isinstance(error, kinds)), ExitCode.FAILED)


def hint(error: ClipzyError) -> str | None:
    """What to do next, where that is known."""
    return next((words for kind, words in _HINTS if isinstance(error, kind)), None)

"""Processes that live in a folder: those whose working directory it is, as every PostgreSQL process's is its data."""

import os
import signal
import time
from pathlib import Path

_LEAVE_WITHIN_S = 10.0
_DIE_WITHIN_S = 10.0
_POLL_S = 0.02


def residents(folder: Path) -> list[int]:
    """Process ids of the living, zombies not among them."""
    if not folder.exists():
        return []
    home = folder.stat()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            place = (entry / "cwd").stat()
        except OSError:
            # Gone meanwhile, a zombie, or another user's, who cannot live in our private folder.
            continue
        if (place.st_dev, place.st_ino) == (home.st_dev, home.st_ino):
            found.append(int(entry.name))
    return found


def end_residents(folder: Path) -> None:
    """Wait until everybody has left, as those do whose parent died; kill who stays. Raises TimeoutError."""
    if _empties(folder, _LEAVE_WITHIN_S):
        return
    for pid in residents(folder):
        os.kill(pid, signal.SIGKILL)
    if not _empties(folder, _DIE_WITHIN_S):
        raise TimeoutError(f"Processes {residents(folder)} do not leave {folder}")


def _empties(folder: Path, within_s: float) -> bool:
    deadline_s = time.monotonic() + within_s
    while residents(folder):
        if time.monotonic() > deadline_s:
            return False
        time.sleep(_POLL_S)
    return True

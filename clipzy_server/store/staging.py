"""Files in the making, each process's in a folder of its own that goes when the process has gone.

The process holds a lock on a file beside its folder for as long as it lives, whatever ends it. So nobody will ever
finish what lies in a folder whose lock is free.
"""

import fcntl
import os
import shutil
import time
from pathlib import Path
from uuid import uuid4

_LOCK = ".lock"


class Staging:
    """The part of the staging area in `root` that is this process's, claimed when it is first needed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._own: tuple[Path, int] | None = None
        root.mkdir(parents=True, exist_ok=True)

    def new_path(self) -> Path:
        """A path where there is nothing yet."""
        if self._own is None:
            self._own = _claim(self.root)
        return self._own[0] / uuid4().hex

    def close(self) -> None:
        """Remove what is left in this process's folder, and the folder."""
        if self._own is not None:
            folder, lock = self._own
            _remove(folder)
            os.close(lock)
            self._own = None

    def sweep(self, older_than_s: float) -> int:
        """Remove the folders of processes that are gone; gives how many.

        What an earlier version staged, without a lock, goes when nothing was added for `older_than_s` seconds.
        """
        folders = [lock.with_suffix("") for lock in self.root.glob(f"*{_LOCK}")]
        gone = sum(map(_remove_if_free, folders))
        return gone + _remove_unlocked(self.root, time.time() - older_than_s)


def _claim(root: Path) -> tuple[Path, int]:
    while True:
        folder = root / uuid4().hex
        lock = _open_lock(folder, os.O_CREAT)
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Somebody may have swept the lock away between its making and its taking.
        if os.fstat(lock).st_nlink:
            folder.mkdir()
            return folder, lock
        os.close(lock)


def _open_lock(folder: Path, flags: int = 0) -> int:
    return os.open(folder.with_suffix(_LOCK), os.O_RDWR | flags, 0o600)


def _remove(folder: Path) -> bool:
    """Whoever calls this holds the lock, which goes last: what cannot be removed yet is found again."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        return False
    folder.with_suffix(_LOCK).unlink(missing_ok=True)
    return True


def _remove_if_free(folder: Path) -> bool:
    try:
        lock = _open_lock(folder)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return _remove(folder)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)


def _remove_unlocked(root: Path, before: float) -> int:
    gone = 0
    for entry in root.iterdir():
        try:
            if entry.suffix == _LOCK or entry.with_suffix(_LOCK).exists() or entry.stat().st_mtime >= before:
                continue
        except FileNotFoundError:
            # Its process has just published or removed it.
            continue
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
        gone += 1
    return gone

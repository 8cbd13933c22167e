"""Memory that a process holds and does not need: what was freed, and what also lies in files."""

import ctypes
import gc
import re
from collections.abc import Iterator
from mmap import MADV_DONTNEED
from pathlib import Path

_MAPPING = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ (\d+)")
_LIBRARIES = frozenset({"r--p", "r-xp"})
"""Private, and not writable: what another thread writes meanwhile would be lost.

A shared one may be a queue of the kernel's, as event loops have, whose pages do not come back.
"""

_COLLECT_AFTER_OBJECTS = 20_000

_libc = ctypes.CDLL(None, use_errno=True)
_libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)


def give_back_freed() -> None:
    """Return to the system what was freed and is kept for what comes next: after work whose next bout is far away."""
    _libc.malloc_trim(0)


def settle() -> None:
    """For a process that has started and now serves: what it loaded stays, and need not be looked through for cycles
    again and again, which takes 0.1 s of a core each time; and `let_go_of_spare_memory`.
    """
    gc.freeze()
    # A call leaves next to nothing in cycles.
    gc.set_threshold(_COLLECT_AFTER_OBJECTS)
    gc.enable()
    let_go_of_spare_memory()


def let_go_of_spare_memory() -> None:
    """For a process that comes to rest: `give_back_freed`, and leave unchanged pages of files, as the code of libraries
    that was read while they were loaded, to the system's cache, whence they come back when they are used.

    Mappings of which any page was ever written are kept whole. Where the kernel refuses, all stays as it is.
    """
    give_back_freed()
    for start, length in list(_unchanged()):
        _libc.madvise(start, length, MADV_DONTNEED)


def _unchanged() -> Iterator[tuple[int, int]]:
    """(address, bytes) of every such mapping of a file without a page of its own, from `/proc/self/smaps`."""
    start = end = inode = 0
    with Path("/proc/self/smaps").open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if mapping := _MAPPING.match(line):
                start, end = int(mapping[1], 16), int(mapping[2], 16)
                inode = int(mapping[4]) if mapping[3] in _LIBRARIES else 0
            elif line.startswith("Anonymous:") and inode and line.split()[1] == "0":
                yield start, end - start

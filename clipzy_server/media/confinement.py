"""The walls of a box: no network, no files but those that a task names, no system calls that a decoder never needs.

Each wall stands without the others: a namespace without interfaces, Landlock, a filter of system calls.
"""

import ctypes
import errno
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from clipzy_server.media.landlock import landlock_version, see_only
from clipzy_server.media.syscalls import can_forbid_calls, forbid_calls

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000

# What numerical libraries ask of the machine, and what the loader and Python need for a library that is opened late.
_SYSTEM = (
    "/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/dev/urandom", "/proc/self", "/proc/cpuinfo",
    "/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu", "/sys/fs/cgroup",
)  # fmt: skip

_libc = ctypes.CDLL(None, use_errno=True)


class BoxMode(StrEnum):
    """`required`: no task runs in a box that does not close; `best-effort`: what the kernel offers; `off`: no walls."""

    REQUIRED = "required"
    BEST_EFFORT = "best-effort"
    OFF = "off"


class BoxState(StrEnum):
    """Whether boxes close on this machine; `partial`: the kernel lacks Landlock or filters of system calls."""

    CLOSED = "ok"
    PARTIAL = "partial"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class View:
    """The files and folders that a task may read, and the folders in which it may do anything."""

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()


def box_state(mode: BoxMode) -> BoxState:
    """What tasks can expect here; nothing is changed."""
    if mode is BoxMode.OFF:
        return BoxState.OFF
    return BoxState.CLOSED if landlock_version() and can_forbid_calls() else BoxState.PARTIAL


def close_box(mode: BoxMode, view: View) -> bool:
    """Put up the walls around this process, for good; False when one is missing that `required` asks for."""
    if mode is BoxMode.OFF:
        return True
    if view.writes:
        tempfile.tempdir = view.writes[0]
    leave_network()
    sees_little = see_only((*_SYSTEM, *_own_code(), *view.reads), ("/dev/null", *view.writes))
    return forbid_calls() and sees_little


def leave_network() -> bool:
    """Move into an empty network namespace, and out of root's rights; False where kernel or user may not."""
    user_id, group_id = os.getuid(), os.getgid()
    if _libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        return _leave_network_as_root()
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user_id} {user_id} 1"),
        ("gid_map", f"{group_id} {group_id} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as control:  # noqa: PTH123 - no pathlib in a fresh fork
            control.write(text)
    return True


def _leave_network_as_root() -> bool:
    if _libc.unshare(CLONE_NEWNET) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EPERM, errno.ENOSYS, errno.EINVAL, errno.ENOSPC, errno.EUSERS):
        return False
    raise OSError(code, "unshare")


def _own_code() -> Iterator[str]:
    """Python and the packages installed, for what is imported late; Clipzy's own, but not what lies beside it."""
    yield from {sys.prefix, sys.base_prefix}
    yield str(Path(__file__).parents[1])

"""Landlock: from here on this process sees the named files and folders, and nothing else of the file system.

Rights that the kernel does not know yet are left out (https://docs.kernel.org/userspace-api/landlock.html). The rules
hold for this thread and all that come of it, and cannot be taken back.
"""

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_GET_VERSION = 1
_RULE_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE = 1 << 14
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
# How many rights of the file system each version of the interface knows: the lowest bits.
_KNOWN_RIGHTS = (0, 13, 14, 15, 15, 16)
_TCP_SINCE, _BIND_TCP_AND_CONNECT_TCP = 4, 0b11
_SCOPES_SINCE, _ABSTRACT_SOCKETS_AND_SIGNALS = 6, 0b11

_libc = ctypes.CDLL(None, use_errno=True)


def landlock_version() -> int:
    """The version of the kernel's interface; 0 where it has none."""
    return max(0, int(_libc.syscall(_CREATE_RULESET, None, 0, _GET_VERSION)))


def see_only(reads: Iterable[str], writes: Iterable[str]) -> bool:
    """Read and execute below `reads`, do anything below `writes`; a path that is missing grants nothing.

    Where the kernel can, TCP, other processes' abstract sockets and signals to them go too. False without Landlock.
    """
    version = landlock_version()
    if not version:
        return False
    known = _KNOWN_RIGHTS[min(version, len(_KNOWN_RIGHTS) - 1)]
    everything = (1 << known) - 1
    network = _BIND_TCP_AND_CONNECT_TCP if version >= _TCP_SINCE else 0
    scopes = _ABSTRACT_SOCKETS_AND_SIGNALS if version >= _SCOPES_SINCE else 0
    attributes = struct.pack("=QQQ", everything, network, scopes)
    size = 24 if scopes else 16 if network else 8
    ruleset = _checked(_libc.syscall(_CREATE_RULESET, attributes, size, 0), "landlock_create_ruleset")
    try:
        for path in reads:
            _allow(ruleset, path, _EXECUTE | _READ_FILE | _READ_DIR)
        for path in writes:
            _allow(ruleset, path, everything)
        forgo_new_privileges()
        _checked(_libc.syscall(_RESTRICT_SELF, ruleset, 0), "landlock_restrict_self")
    finally:
        os.close(ruleset)
    return True


def forgo_new_privileges() -> None:
    """No program started from here on gains rights by being set-uid; the kernel asks this of who boxes itself in."""
    _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(PR_SET_NO_NEW_PRIVS)")


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(beneath).st_mode):
            rights &= _FILE_RIGHTS
        rule = struct.pack("=Qi", rights, beneath)
        _checked(_libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0), "landlock_add_rule")
    finally:
        os.close(beneath)


def _checked(result: int, call: str) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), call)
    return result

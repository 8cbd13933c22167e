"""Starts a program that refuses to run as root; run as a script: `python unprivileged.py ACCOUNT PROGRAM ARGUMENT…`.

A process of its own, because none of this may happen in a process that has threads. In order:

1. As root, and with ACCOUNT `-`: a user namespace in which this user carries the name of an unprivileged account. The
   program sees an ordinary user, keeps our rights over our files, and has lost root's rights over everything else.
2. As root, and with a named ACCOUNT: that account's rights.
3. The kernel is told to interrupt the program when its parent dies, so that it never lives on alone.

Exit status 71 when the kernel refuses the namespace. Standard library only: it starts in milliseconds.
"""

import ctypes
import os
import pwd
import signal
import sys
from pathlib import Path

NAMESPACE_REFUSED = 71
SAME_USER = "-"
_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
# Every Linux distribution has one of these, and none is what foreign users look like in a namespace (65534).
_NAMES = ("postgres", "daemon", "bin")


def main(arguments: list[str]) -> None:
    """Become who the program may run as, then become the program."""
    parent = os.getppid()
    account, program = arguments[0], arguments[1:]
    if os.geteuid() == 0:
        if account == SAME_USER:
            _enter_namespace()
        else:
            _become(account)
    # After the change of user, which would clear it. SIGINT is PostgreSQL's fast shutdown.
    _libc().prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)
    os.execv(program[0], program)  # noqa: S606 - the program and its arguments are ours


def name_in_namespace() -> str:
    """The account whose name this user carries inside the namespace."""
    known = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    return next(name for name in _NAMES if known.get(name, 0) not in (0, 65534))


def _enter_namespace() -> None:
    account = pwd.getpwnam(name_in_namespace())
    user, group = os.geteuid(), os.getegid()
    try:
        if _libc().unshare(_CLONE_NEWUSER) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{account.pw_uid} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{account.pw_gid} {group} 1")
    except OSError as error:
        sys.stderr.write(f"no user namespace: {error}\n")
        sys.exit(NAMESPACE_REFUSED)


def _become(account: str) -> None:
    entry = pwd.getpwnam(account)
    os.setgroups([])
    os.setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid)
    os.setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    main(sys.argv[1:])

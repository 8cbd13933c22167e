"""Become another program that dies with its parent: `python tether.py PARENT_PID COMMAND…`.

The death signal survives the exec. Run as a file, without Clipzy's packages, it costs some ten milliseconds; doing this
between fork and exec of the supervisor itself would run Python in a forked process that may have threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie this process to its parent, then become the command."""
    parent_pid, command = int(sys.argv[1]), sys.argv[2:]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent_pid:
        sys.exit("The parent has gone already")
    os.execvp(command[0], command)  # noqa: S606 - the supervisor's own command lines


if __name__ == "__main__":
    main()

"""A seccomp filter: from here on this process can't make the system calls that a decoder never needs.

Sockets are among them, those with a path included, which no network namespace and no Landlock keeps from their servers.
"""

import ctypes
import errno
import platform
import struct

from clipzy_server.media.landlock import forgo_new_privileges

_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
_SECCOMP, _SECCOMP_GET_ACTION_AVAIL = {"x86_64": 317, "aarch64": 277}, 2
_LOAD_WORD, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
# Numbers from here on are those of the x32 interface, under which the same calls have other numbers.
_X32_BIT = 0x40000000

# Per machine: the number of its architecture, then of its system calls.
_MACHINES = {
    "x86_64": (
        0xC000003E,
        {
            "socket": 41,
            "ptrace": 101,
            "pivot_root": 155,
            "chroot": 161,
            "mount": 165,
            "umount2": 166,
            "init_module": 175,
            "delete_module": 176,
            "kexec_load": 246,
            "add_key": 248,
            "request_key": 249,
            "keyctl": 250,
            "unshare": 272,
            "perf_event_open": 298,
            "open_by_handle_at": 304,
            "setns": 308,
            "process_vm_readv": 310,
            "process_vm_writev": 311,
            "finit_module": 313,
            "kexec_file_load": 320,
            "bpf": 321,
            "userfaultfd": 323,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "umount2": 39,
            "mount": 40,
            "pivot_root": 41,
            "chroot": 51,
            "unshare": 97,
            "kexec_load": 104,
            "init_module": 105,
            "delete_module": 106,
            "ptrace": 117,
            "socket": 198,
            "add_key": 217,
            "request_key": 218,
            "keyctl": 219,
            "perf_event_open": 241,
            "open_by_handle_at": 265,
            "setns": 268,
            "process_vm_readv": 270,
            "process_vm_writev": 271,
            "finit_module": 273,
            "bpf": 280,
            "userfaultfd": 282,
            "kexec_file_load": 294,
        },
    ),
}
_EVERYWHERE = {"io_uring_setup": 425, "open_tree": 428, "move_mount": 429, "fsopen": 430, "pidfd_getfd": 438}

_libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def can_forbid_calls() -> bool:
    """Whether `forbid_calls` would succeed; nothing is changed."""
    action = ctypes.c_uint32(_ERRNO)
    if platform.machine() not in _MACHINES:
        return False
    number = _SECCOMP[platform.machine()]
    return bool(_libc.syscall(number, _SECCOMP_GET_ACTION_AVAIL, 0, ctypes.byref(action)) == 0)


def forbid_calls() -> bool:
    """Make the calls named above fail with EPERM. False on another machine, or where the kernel has no filters."""
    if platform.machine() not in _MACHINES:
        return False
    architecture, numbers = _MACHINES[platform.machine()]
    code = b"".join(_instructions(architecture, sorted({**numbers, **_EVERYWHERE}.values())))
    forgo_new_privileges()
    program = _Program(len(code) // 8, code)
    if _libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0:
        return True
    if ctypes.get_errno() in (errno.EINVAL, errno.EACCES, errno.EPERM, errno.ENOSYS):
        return False
    raise OSError(ctypes.get_errno(), "prctl(PR_SET_SECCOMP)")


def _instructions(architecture: int, numbers: list[int]) -> list[bytes]:
    """Classic BPF over `struct seccomp_data`, whose first word is the call's number and the second the architecture."""
    refuse_after = len(numbers) + 1
    return [
        _instruction(_LOAD_WORD, 4),
        _instruction(_JUMP_IF_EQUAL, architecture, 1, 0),
        _instruction(_RETURN, _KILL_PROCESS),
        _instruction(_LOAD_WORD, 0),
        _instruction(_JUMP_IF_AT_LEAST, _X32_BIT, refuse_after, 0),
        *(_instruction(_JUMP_IF_EQUAL, number, refuse_after - 1 - at, 0) for at, number in enumerate(numbers)),
        _instruction(_RETURN, _ALLOW),
        _instruction(_RETURN, _ERRNO | errno.EPERM),
    ]


def _instruction(code: int, value: int, when_true: int = 0, when_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, when_true, when_false, value)

"""Numbers nearer to zero than a normal float can be, taken for zero.

A processor needs a hundred times as long for each of them, and they come by themselves: in the weights of networks, and
in every filter that rings out in silence.
"""

import ctypes
import platform
import struct
import sys

_LIBC = ctypes.CDLL(None)
# Where the C library's `fenv_t` keeps what the vector unit goes by, and the bits for zero instead: MXCSR's FTZ and DAZ,
# FPCR's FZ.
_PLACES = {"x86_64": (28, 0x8040), "aarch64": (0, 1 << 24)}
_MOST_BYTES = 64


def flush_denormals() -> None:
    """In this thread, and in the threads and forks that begin in it from now on. Elsewhere than on x86-64 and 64-bit
    Arm nothing changes.
    """
    if platform.machine() in _PLACES:
        offset, bits = _PLACES[platform.machine()]
        environment = ctypes.create_string_buffer(_MOST_BYTES)
        _LIBC.fegetenv(environment)
        (word,) = struct.unpack_from("=I", environment, offset)
        struct.pack_into("=I", environment, offset, word | bits)
        _LIBC.fesetenv(environment)


def are_flushed() -> bool:
    """In this thread."""
    return sys.float_info.min * 0.5 == 0.0

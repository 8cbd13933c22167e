"""What Numba keeps of kernels beside their machine code."""

import gc

from numba.core.dispatcher import Dispatcher


def forget_bitcode() -> None:
    """Free the LLVM bitcode of all kernels loaded so far, some 10 MB: only others that call them are compiled with it.

    A kernel that calls one of these can no longer be compiled in this process, only be loaded from the cache.
    """
    for kernel in [each for each in gc.get_objects() if isinstance(each, Dispatcher)]:
        for compiled in kernel.overloads.values():
            library = compiled.library  # type: ignore[attr-defined]
            # Nothing public lets go of it.
            library._shared_module = None  # noqa: SLF001

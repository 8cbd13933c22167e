"""Arrays in mapped files, passed over without filling the memory."""

from collections.abc import Iterator
from mmap import MADV_DONTNEED, mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray


def let_go(*arrays: NDArray[Any]) -> None:
    """Leave what was read or written of mapped files to the system's cache. Arrays in memory stay as they are.

    A map whose changes stay private must have none.
    """
    for array in arrays:
        owner = array.base
        while isinstance(owner, np.ndarray):
            owner = owner.base
        if isinstance(owner, mmap):
            owner.madvise(MADV_DONTNEED)


def passing(count: int, step: int, *arrays: NDArray[Any]) -> Iterator[slice]:
    """Slices of `step` from 0 up to `count`; what was used of the arrays meanwhile is let go after each."""
    for first in range(0, count, step):
        yield slice(first, min(count, first + step))
        let_go(*arrays)

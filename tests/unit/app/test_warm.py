import importlib
from itertools import chain

from numba.core.registry import CPUDispatcher

from clipzy_server.app.warm import kernel_modules

# What only other kernels call is compiled as a part of them.
_INNER = {"_sums", "_copy", "_variance", "_find_block", "_blocks", "_corners"}  # of pictures
_INNER |= {"_sum_blocks", "_average_by_4", "_average_by_8", "_source", "_cost"}  # of pictures made smaller and moved
_INNER |= {"correlation", "is_textured", "_peak", "_sum_within", "_distance", "solve", "_places", "_residuals"}
_INNER |= {"_product", "improve"}  # of motion
_INNER |= {"_exp", "_logistic", "_tanh"}  # of sound
_INNER |= {"_mixed", "_code"}  # of colours


def test_every_kernel_is_compiled_when_it_is_imported() -> None:
    """A stage runs where no code can be written: what it would compile there, it would compile for every video."""
    kernels = chain.from_iterable(vars(importlib.import_module(name)).items() for name in kernel_modules())
    late = {name for name, found in kernels if isinstance(found, CPUDispatcher) and not found.signatures}
    assert late <= _INNER

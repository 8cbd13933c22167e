"""How a process of Clipzy loads: without looking for garbage meanwhile, and without what goes unused."""

import gc
import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType


def load_without_collecting() -> None:
    """Look for no cycles until `gc.enable` or `settle`: nearly all that comes with modules stays, and to look through
    it again and again takes a fifth of the time of loading them.
    """
    gc.disable()


def load_at_once() -> None:
    """For a process that loads much before it does anything: `load_without_collecting`, and have `structlog` without
    the colours for terminals that it would bring.
    """
    load_without_collecting()
    with without(("rich",)):
        importlib.import_module("structlog")


@contextmanager
def without(names: Sequence[str]) -> Iterator[None]:
    """Let these modules be taken for not installed, unless they are loaded already."""
    hidden = [name for name in names if name not in sys.modules]
    # None makes an import of the name fail.
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def without_parts(package: str, names: Sequence[str]) -> None:
    """Let these modules of a package, which it loads when they are asked for, be empty ones; an `import` loads them."""
    whole = importlib.import_module(package)
    for name in names:
        vars(whole).setdefault(name, ModuleType(f"{package}.{name}"))

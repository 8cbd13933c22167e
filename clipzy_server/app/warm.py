"""Fill Numba's cache: importing a kernel module compiles its functions, whose signatures are explicit. And optimise the
neural networks.

`python -m clipzy_server.app.warm`, once after installing; afterwards machine code and networks are loaded as they are
kept.
"""

import importlib
import logging
import pkgutil
import time
from collections.abc import Callable
from functools import partial

import clipzy_server
from clipzy_server.analysis.sound.yamnet import CLASSES
from clipzy_server.analysis.words.networks import FINDER, READER

_log = logging.getLogger("clipzy.warm")


def kernel_modules() -> list[str]:
    """The modules below every folder `kernels`."""
    found = pkgutil.walk_packages(clipzy_server.__path__, "clipzy_server.")
    return sorted(module.name for module in found if ".kernels." in module.name and not module.ispkg)


NETWORKS = (CLASSES, FINDER, READER)


def main() -> None:
    """Load them all, and say how long each takes."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for name in kernel_modules():
        _timed(name, partial(importlib.import_module, name))
    for network in NETWORKS:
        _timed(network.name, network.keep)


def _timed(name: str, make: Callable[[], object]) -> None:
    begun_s = time.monotonic()
    make()
    _log.info("%s: %.1f s", name, time.monotonic() - begun_s)


if __name__ == "__main__":
    main()

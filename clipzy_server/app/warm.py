"""Fill Numba's cache: importing a kernel module compiles its functions, whose signatures are explicit.

`python -m clipzy_server.app.warm`, once after installing; afterwards every import loads machine code from the cache.
"""

import importlib
import logging
import pkgutil
import time

import clipzy_server

_log = logging.getLogger("clipzy.warm")


def kernel_modules() -> list[str]:
    """The modules below every folder `kernels`."""
    found = pkgutil.walk_packages(clipzy_server.__path__, "clipzy_server.")
    return sorted(module.name for module in found if ".kernels." in module.name and not module.ispkg)


def main() -> None:
    """Import them all."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for name in kernel_modules():
        begun_s = time.monotonic()
        importlib.import_module(name)
        _log.info("%s: %.1f s", name, time.monotonic() - begun_s)


if __name__ == "__main__":
    main()

"""`python -m benchmarks [NAME …]`: runs all of them, or the named ones."""

import importlib
import pkgutil
import sys

import benchmarks


def main() -> None:
    """Runs `main()` of each benchmark."""
    every = sorted(
        module.name
        for module in pkgutil.iter_modules(benchmarks.__path__)
        if module.name != "__main__" and not module.ispkg
    )
    for name in sys.argv[1:] or every:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()

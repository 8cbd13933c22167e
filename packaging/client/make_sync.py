"""`clipzy_client/sync` out of `clipzy_client/aio`; with --check compares instead and fails on a difference."""

import re
import sys
from pathlib import Path

CLIENT = Path(__file__).parents[2] / "clipzy_client"
BY_HAND = ("__init__.py", "runtime.py")
RULES = (
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\bAwaitable\[([\w\[\]]+)\](?=\])", r"\1"),
    (r"AsyncIterator, Awaitable, Callable", "Callable, Iterator"),
    (r"AsyncIterator, Callable", "Callable, Iterator"),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\b__a(enter|exit)__", r"__\1__"),
    (r"\bclipzy_client\.aio\b", "clipzy_client.sync"),
)


def blocking(source: str) -> str:
    """The same module without async."""
    for pattern, replacement in RULES:
        source = re.sub(pattern, replacement, source)
    return source


def main() -> None:
    """Writes or compares every module."""
    check = "--check" in sys.argv
    for source in sorted((CLIENT / "aio").glob("*.py")):
        if source.name in BY_HAND:
            continue
        made, target = blocking(source.read_text()), CLIENT / "sync" / source.name
        if not check:
            target.write_text(made)
        elif not target.exists() or target.read_text() != made:
            raise SystemExit(f"{target.relative_to(CLIENT.parent)} is not what aio/ says: run make gen")


if __name__ == "__main__":
    main()

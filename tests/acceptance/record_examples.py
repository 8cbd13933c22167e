"""`make examples`: records the examples of the OpenAPI document from a Clipzy that it starts for them."""

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from clipzy_server.rest.openapi.document import build_document
from clipzy_server.rest.openapi.examples import EXAMPLES
from clipzy_server.rest.services import ROUTES
from tests.acceptance.conftest import free_port, make_clips, start, stop
from tests.acceptance.exchanges import Caller, Exchange, walk

LONGEST_LIST = 3


def recorded(exchanges: Iterable[Exchange]) -> dict[str, Any]:
    """What `load_examples` gives."""
    operations: dict[str, Any] = {}
    failures: dict[str, Any] = {}
    for exchange in exchanges:
        answer = exchange.answer
        if answer.status_code >= 400 and answer.content:
            failures.setdefault(answer.json()["error"]["code"], answer.json())
        if exchange.shown:
            example = operations.setdefault(exchange.operation_id, {})
            if exchange.request:
                example.setdefault("request", {})[exchange.shown] = shortened(exchange.request)
            example.setdefault(str(answer.status_code), {})[exchange.shown] = shortened(answer.json())
    return {"operations": dict(sorted(operations.items())), "failures": dict(sorted(failures.items()))}


def shortened(value: Any) -> Any:
    """The value with the first entries of its lists only."""
    if isinstance(value, dict):
        return {name: shortened(entry) for name, entry in value.items()}
    return [shortened(entry) for entry in value[:LONGEST_LIST]] if isinstance(value, list) else value


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="clipzy") as folder:
        stack = start(Path(folder) / "data", free_port())
        try:
            with stack.client() as client:
                caller = Caller(build_document(ROUTES), client)
                walk(caller, make_clips(Path(folder)), stack.new_token("--scope", "read"))
        finally:
            stop(stack)
    EXAMPLES.write_text(json.dumps(recorded(caller.exchanges), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

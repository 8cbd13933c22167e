"""Examples of requests and answers, each of them really sent and received: `make examples` records them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).with_name("examples.json")


@cache
def load_examples() -> dict[str, Any]:
    """`operations`: operationId → `request` and statuses → name → value; `failures`: code → envelope."""
    loaded: dict[str, Any] = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    return loaded

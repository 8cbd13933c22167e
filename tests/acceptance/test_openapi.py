"""Whether Clipzy does what its document says, and its document says what Clipzy does."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from clipzy_server.rest.openapi.examples import load_examples
from tests.acceptance.exchanges import Caller, Exchange, walk

ONLY_ON_S3 = "307"
HERE = Path(__file__).parent
# Of each operation and phase; `make cases` sends thousands.
CASES = int(os.environ.get("CLIPZY_CASES", "4"))


@pytest.fixture(scope="session")
def document(stack) -> Any:
    with stack.client() as client:
        return client.get("openapi.json").json()


@pytest.fixture(scope="session")
def exchanges(stack, clips, document) -> list[Exchange]:
    with stack.client() as client:
        caller = Caller(document, client)
        walk(caller, clips, stack.new_token("--scope", "read"))
    return caller.exchanges


def operation(document, name):
    return next(
        (method.upper(), operation)
        for methods in document["paths"].values()
        for method, operation in methods.items()
        if operation["operationId"] == name
    )


def resolved(document, node):
    if "$ref" not in node:
        return node
    for name in node["$ref"].removeprefix("#/").split("/"):
        document = document[name]
    return document


def closed(schema: Any) -> Any:
    """The schema without room for what it does not name."""
    if isinstance(schema, list):
        return [closed(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(value) for name, value in schema.items()}
    is_object = schema.get("type") == "object" and isinstance(schema.get("properties"), dict)
    return {"additionalProperties": False, **inner} if is_object else inner


def check_answer(document, exchange: Exchange) -> None:
    method, its = operation(document, exchange.operation_id)
    answer = exchange.answer
    response = resolved(document, its["responses"][str(answer.status_code)])
    assert [name for name, header in response["headers"].items() if header.get("required")] == ["x-request-id"]
    assert "x-request-id" in answer.headers
    content = response.get("content")
    if method == "HEAD" or not content:
        assert not answer.content
        return
    media_type = answer.headers["content-type"].partition(";")[0]
    described = content[media_type]
    if "schema" in described:
        schema = closed({**described["schema"], "components": document["components"]})
        validator = Draft202012Validator(schema, format_checker=FormatChecker())
        for value in READERS[media_type](answer.text):
            validator.validate(value)


def events(text: str) -> list[dict[str, str]]:
    frames = [frame.splitlines() for frame in text.split("\n\n") if frame and not frame.startswith(":")]
    return [dict(line.split(": ", 1) for line in frame) for frame in frames]


READERS = {
    "application/json": lambda text: [json.loads(text)],
    "application/x-ndjson": lambda text: [json.loads(line) for line in text.splitlines()],
    "text/event-stream": events,
}


def test_every_answer_is_as_documented(document, exchanges):
    for exchange in exchanges:
        method, its = operation(document, exchange.operation_id)
        request = f"{method} {exchange.operation_id} → {exchange.answer.status_code}"
        assert str(exchange.answer.status_code) in its["responses"], request
        check_answer(document, exchange)


def test_every_documented_success_is_met(document, exchanges):
    met = {(exchange.operation_id, str(exchange.answer.status_code)) for exchange in exchanges}
    documented = {
        (operation["operationId"], status)
        for methods in document["paths"].values()
        for operation in methods.values()
        for status in operation["responses"]
        if status < "400" and status != ONLY_ON_S3
    }
    assert documented - met == set(), "exchanges.py does not walk there"


def test_every_example_is_of_an_exchange_that_is_still_walked(exchanges):
    """`make examples` renews them."""
    shown = {(exchange.operation_id, exchange.shown) for exchange in exchanges if exchange.shown}
    kept = {
        (name, title)
        for name, examples in load_examples()["operations"].items()
        for of_kind in examples.values()
        for title in of_kind
    }
    assert kept == shown
    codes = {e.answer.json()["error"]["code"] for e in exchanges if e.answer.is_error and e.answer.content}
    assert set(load_examples()["failures"]) == codes


def test_no_generated_case_breaks_the_document(stack, tmp_path):
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        f"--config-file={HERE / 'schemathesis.toml'}",
        "run",
        f"http://127.0.0.1:{stack.port}/api/v1/openapi.json",
        f"--header=Authorization: Bearer {stack.token}",
        f"--max-examples={CASES}",
        "--no-color",
        *(["--generation-deterministic"] if "CI" in os.environ else []),
    ]
    root = HERE.parents[1]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True, text=True, check=False
    )
    sys.stdout.write(done.stdout)
    assert done.returncode == 0, done.stdout
    assert int(re.search(r"(\d+) generated", done.stdout)[1]) > 500

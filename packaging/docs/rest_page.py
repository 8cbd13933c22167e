"""The reference of REST, from the OpenAPI document."""

from collections.abc import Iterator
from typing import Any

from tables import table


def rest_page(document: dict[str, Any]) -> str:
    """Every route of the OpenAPI document."""
    parts = ["# REST", document["info"]["description"]]
    parts.append("For programs: [openapi.json](../openapi.json); a running Clipzy serves it at `/api/v1/openapi.json`.")
    for path, methods in document["paths"].items():
        shared = methods.get("parameters", [])
        for method, operation in methods.items():
            if method != "parameters":
                parts += _route(document, f"{method.upper()} /api/v1{path}", operation, shared)
    return "\n\n".join(parts) + "\n"


def _route(document: dict[str, Any], name: str, operation: dict[str, Any], shared: list[Any]) -> Iterator[str]:
    yield f"## {name}"
    yield operation.get("description") or operation["summary"]
    parameters = [_resolved(document, each) for each in [*shared, *operation.get("parameters", [])]]
    if parameters:
        rows = [
            (f"`{each['name']}`", each["in"], _type(each.get("schema", {})), each.get("description", ""))
            for each in parameters
        ]
        yield table(("parameter", "in", "type", ""), rows)
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"Takes `{kind}`:"
        yield from _fields(document, content.get("schema", {}))
    answers = operation["responses"].items()
    yield table(("status", ""), ((status, _resolved(document, answer)["description"]) for status, answer in answers))


def _fields(document: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    schema = _resolved(document, schema)
    needed = schema.get("required", [])
    rows = [
        (
            f"`{name}`{' (required)' if name in needed else ''}",
            _type(each),
            _resolved(document, each).get("description", ""),
        )
        for name, each in schema.get("properties", {}).items()
    ]
    if rows:
        yield table(("field", "type", ""), rows)


def _resolved(document: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in value:
        found: Any = document
        for step in value["$ref"].removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        value = {**found, **{name: each for name, each in value.items() if name != "$ref"}}
    return value


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[1])
    for some in ("anyOf", "oneOf"):
        if some in schema:
            return " or ".join(_type(each) for each in schema[some])
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    if schema.get("type") == "array":
        return f"array of {_type(schema.get('items', {}))}"
    kind = schema.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)

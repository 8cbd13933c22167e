"""Links: what can be called with what a creating route has answered."""

from collections.abc import Iterable, Sequence
from typing import Any

from clipzy_server.rest.documented import Documented, Model
from clipzy_server.rest.openapi.routes import Route

Documentation = tuple[Route, Documented]


def links_from(route: Route, documented: Documented, others: Sequence[Documentation]) -> dict[str, Any]:
    """The links object of a success: each route whose variables, or whose required fields, it answers."""
    if route.method != "POST":
        return {}
    known = {name for answer in documented.answers for content in answer.contents for name in _fields(content.models)}
    links: dict[str, Any] = {}
    for other, its in others:
        if not other.is_first or other.rpc == route.rpc:
            continue
        if other.variables and other.variables.keys() <= known:
            links[other.rpc] = {"operationId": other.operation_id, "parameters": _taken(other.variables)}
        elif its.body and (needed := _required(its) & known):
            links[other.rpc] = {"operationId": other.operation_id, "requestBody": _taken(needed)}
    return links


def _taken(names: Iterable[str]) -> dict[str, str]:
    return {name: f"$response.body#/data/{name}" for name in sorted(names)}


def _fields(models: Sequence[Model]) -> set[str]:
    return {name for model in models for name in model.model_fields}


def _required(documented: Documented) -> set[str]:
    models = documented.body.models if documented.body else ()
    return {name for model in models for name, field in model.model_fields.items() if field.is_required()}

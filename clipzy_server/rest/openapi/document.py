"""The whole document."""

from collections.abc import Iterator, Sequence
from typing import Any

from clipzy_server import __version__
from clipzy_server.rest.documented import Documented, documentation_of
from clipzy_server.rest.openapi.examples import load_examples
from clipzy_server.rest.openapi.operation import TOKEN, Operations, tag_of
from clipzy_server.rest.openapi.routes import PACKAGE, RestService, Route, described_services
from clipzy_server.rest.openapi.schemas import FAILURE, ModelSchemas, ModelUse, failure_schema
from clipzy_server.rest.openapi.webhooks import BODY, webhooks_of
from clipzy_server.transport.scopes import declared_scopes

Document = dict[str, Any]

BASE = "/api/v1"

_ABOUT = (
    "Clipzy learns the style of a video and gives it to other footage.\n\n"
    "Answers are `{success, message, data}`, failures `{success, message, error: {detail, code}}`; programs switch on "
    "`error.code`. Names are snake_case, times ISO-8601 in UTC, integers JSON numbers; what may be absent is `null`. "
    "Unknown fields, parts and query parameters are refused by name. gRPC (`clipzy.v1`) is spoken on the same port.\n\n"
    "The examples are what a running Clipzy answered; only their lists are cut after three entries."
)


def build_document(servicers: Sequence[type]) -> Document:
    """The OpenAPI 3.1 document of all routes; `servicers` handle them.

    Raises LookupError when a service has no servicer, or a handler is not documented.
    """
    services = described_services()
    found = list(_documented_routes(services, servicers))
    schemas = ModelSchemas([BODY, *(use for _, documented in found for use in _models(documented))])
    operations = Operations(found, schemas, load_examples())
    scopes = declared_scopes(f"{PACKAGE}.{service.name}" for service in services)
    paths: dict[str, Any] = {}
    for route, documented in found:
        operation = operations.describe(route, documented, scopes[route.rpc_path])
        paths.setdefault(route.path.removeprefix(BASE), {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Clipzy",
            "version": __version__,
            "summary": "The style of one video for another.",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": BASE, "description": "Where this document came from."}],
        "security": [{TOKEN: []}],
        "tags": [{"name": tag_of(service.name), "description": service.comment} for service in services],
        "paths": paths,
        "webhooks": webhooks_of(schemas.reference(BODY)),
        "components": {
            "schemas": {**schemas.definitions, FAILURE: failure_schema()},
            "responses": dict(sorted(operations.shared_responses.items())),
            "securitySchemes": {
                TOKEN: {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer TOKEN`."}
            },
        },
    }


def _documented_routes(
    services: Sequence[RestService], servicers: Sequence[type]
) -> Iterator[tuple[Route, Documented]]:
    by_service = {base.__name__: kind for kind in servicers for base in kind.__mro__}
    for service in services:
        servicer = by_service.get(f"{service.name}Servicer")
        if servicer is None:
            raise LookupError(f"Nobody in ROUTES serves {service.name}")
        for route in service.routes:
            yield route, documentation_of(getattr(servicer, route.rpc))


def _models(documented: Documented) -> Iterator[ModelUse]:
    if documented.body:
        yield from ((model, "validation") for model in documented.body.models)
    for answer in documented.answers:
        yield from ((model, "serialization") for content in answer.contents for model in content.models)

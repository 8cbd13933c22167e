"""One operation of the document: a route, what its handler says, and real examples."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from clipzy_server.domain.errors import ErrorCode
from clipzy_server.domain.owner import Scope
from clipzy_server.rest.documented import MULTIPART, Answer, Content, Documented, Parameter
from clipzy_server.rest.openapi.failures import failure_response, failures_of, response_name
from clipzy_server.rest.openapi.headers import common_headers, described_headers
from clipzy_server.rest.openapi.links import Documentation, links_from
from clipzy_server.rest.openapi.routes import Route
from clipzy_server.rest.openapi.schemas import ModelSchemas
from clipzy_server.rest.parameters import IF_RANGE, PATH_PATTERNS, RANGE

Json = dict[str, Any]

VIDEO_TYPES = ("video/mp4", "video/quicktime", "video/x-msvideo", "video/x-matroska", "video/webm")

TOKEN = "token"  # noqa: S105 - the name of the security scheme


class Operations:
    """Makes the operation objects of `routes` and gathers the responses they share. `examples`: see `load_examples`."""

    def __init__(self, routes: Sequence[Documentation], schemas: ModelSchemas, examples: Mapping[str, Any]) -> None:
        self._routes = routes
        self._schemas = schemas
        self._examples = examples
        self.shared_responses: Json = {}

    def describe(self, route: Route, documented: Documented, scope: Scope | None) -> Json:
        """The operation object of a route."""
        if route.method == "HEAD":
            documented = without_ranges(documented)
        name = route.operation_id
        shown: Mapping[str, Any] = self._examples["operations"].get(name, {})
        operation: Json = {
            "operationId": name,
            "tags": [tag_of(route.service)],
            "summary": _first_sentence(route.comment),
            "description": route.comment,
            "security": [{TOKEN: [scope.value]}] if scope else [],
        }
        parameters = [*_path_parameters(route), *map(_parameter, (*documented.query, *documented.headers))]
        if parameters:
            operation["parameters"] = parameters
        if documented.body:
            schema = self._schemas.of(documented.body, "validation")
            operation["requestBody"] = {
                "description": documented.body.description,
                "required": True,
                "content": _content(documented.body, schema, shown.get("request")),
            }
        operation["responses"] = {
            **self._successes(route, documented, shown),
            **self._failures(route, documented, scope),
        }
        return operation

    def _successes(self, route: Route, documented: Documented, shown: Mapping[str, Any]) -> Json:
        links = links_from(route, documented, self._routes)
        return {
            str(answer.status): self._success(route, answer, shown) | ({"links": links} if links else {})
            for answer in documented.answers
        }

    def _success(self, route: Route, answer: Answer, shown: Mapping[str, Any]) -> Json:
        response: Json = {
            "description": answer.description,
            "headers": {**described_headers(answer.headers), **common_headers()},
        }
        if answer.contents and route.method != "HEAD":
            response["content"] = {}
            for content in answer.contents:
                schema = self._schemas.of(content, "serialization")
                response["content"] |= _content(content, schema, shown.get(str(answer.status)))
        return response

    def _failures(self, route: Route, documented: Documented, scope: Scope | None) -> Json:
        responses: Json = {}
        for status, codes in failures_of(route, documented, scope).items():
            response = failure_response(status, codes, self._examples["failures"])
            if route.method == "HEAD":
                responses[str(status)] = {name: response[name] for name in ("description", "headers")}
                continue
            name = response_name(status, codes)
            self.shared_responses[name] = response
            responses[str(status)] = {"$ref": f"#/components/responses/{name}"}
        return responses


def without_ranges(documented: Documented) -> Documented:
    """The same where ranges do not count: they are for GET alone (RFC 9110 §14.2)."""
    return replace(
        documented,
        answers=tuple(answer for answer in documented.answers if answer.status != 206),
        headers=tuple(header for header in documented.headers if header not in (RANGE, IF_RANGE)),
        failures=tuple(code for code in documented.failures if code is not ErrorCode.RANGE_NOT_SATISFIABLE),
    )


def tag_of(service: str) -> str:
    """`JobService` → `Job`."""
    return service.removesuffix("Service")


def _first_sentence(comment: str) -> str:
    return re.split(r"(?<=[.:;])\s", comment, maxsplit=1)[0].rstrip(".:;")


def _path_parameters(route: Route) -> list[Json]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": comment,
            "schema": {"type": "string", "pattern": PATH_PATTERNS[name]},
        }
        for name, comment in route.variables.items()
    ]


def _parameter(parameter: Parameter) -> Json:
    example = {} if parameter.example is None else {"example": parameter.example}
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "description": parameter.description,
        "schema": dict(parameter.schema),
        **example,
    }


def _content(content: Content, schema: Json, examples: Mapping[str, Any] | None) -> Json:
    described: Json = {"schema": schema} if schema else {}
    if content.media_type == MULTIPART:
        described["encoding"] = {"file": {"contentType": ", ".join(VIDEO_TYPES)}}
    if examples:
        described["examples"] = {name: {"value": value} for name, value in examples.items()}
    return {content.media_type: described}

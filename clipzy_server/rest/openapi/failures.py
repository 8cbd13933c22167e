"""Which failures a route can answer with: its own, those of its shape and those of every route, by HTTP status."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from clipzy_server.domain.errors import ErrorCode
from clipzy_server.domain.owner import Scope
from clipzy_server.rest.answer import JSON
from clipzy_server.rest.documented import Documented
from clipzy_server.rest.openapi.headers import common_headers, described_headers
from clipzy_server.rest.openapi.routes import Route
from clipzy_server.rest.openapi.schemas import FAILURE, REFERENCE
from clipzy_server.transport.statuses import STATUSES

# What the gateway refuses by itself, with statuses of its own (`local_reply_config` in envoy.yaml).
_GATEWAY = {
    400: ErrorCode.VALIDATION_ERROR,
    408: ErrorCode.DEADLINE_EXCEEDED,
    431: ErrorCode.VALIDATION_ERROR,
    502: ErrorCode.UNAVAILABLE,
}
# Unknown query parameters are refused everywhere.
_ALWAYS = (
    ErrorCode.VALIDATION_ERROR,
    ErrorCode.RATE_LIMITED,
    ErrorCode.INTERNAL_ERROR,
    ErrorCode.UNAVAILABLE,
    ErrorCode.DEADLINE_EXCEEDED,
)
_WITH_BODY = (ErrorCode.MISSING_FIELD, ErrorCode.UNSUPPORTED_MEDIA_TYPE)
_SENDING = ("POST", "PATCH", "PUT")

_MEANINGS = {
    400: "Not HTTP, or a path that cannot be read.",
    401: "No token, or one that is not known.",
    403: "The token does not go so far.",
    404: "Unknown, or somebody else's: both answer the same.",
    408: "The request stopped before it was complete.",
    409: "The present state does not allow this.",
    412: "Another version of tus than is spoken here.",
    413: "Too many bytes.",
    415: "Another content type than this route takes.",
    416: "The range lies outside the file.",
    422: "The request breaks a rule; the detail names the field.",
    429: "Too much at once; `Retry-After` says when to come again.",
    431: "Too many or too long headers.",
    460: "The bytes do not have the checksum they were sent with.",
    500: "A fault of the server; its log has the request id.",
    502: "The server did not answer rightly; try again.",
    503: "Not reachable now; try again.",
    504: "The server did not answer in time.",
    507: "No room for this now.",
}
_RETRY_AFTER = {"retry-after": "Seconds to wait."}
_HEADERS = {
    416: {"content-range": "`bytes */` and the size of the file."},
    429: _RETRY_AFTER,
    502: _RETRY_AFTER,
    503: _RETRY_AFTER,
}


def failures_of(route: Route, documented: Documented, scope: Scope | None) -> Mapping[int, frozenset[ErrorCode]]:
    """HTTP status → the codes it can come with."""
    by_status: dict[int, set[ErrorCode]] = defaultdict(set)
    for code in (*_ALWAYS, *documented.failures, *_implied(route, documented, scope)):
        by_status[STATUSES[code].http].add(code)
    for status, code in _GATEWAY.items():
        by_status[status].add(code)
    return {status: frozenset(codes) for status, codes in sorted(by_status.items())}


def response_name(status: int, codes: frozenset[ErrorCode]) -> str:
    """What such an answer is called in `components.responses`: `404-JOB_NOT_FOUND-ROUTE_NOT_FOUND`."""
    return "-".join([str(status), *sorted(code.value for code in codes)])


def failure_response(status: int, codes: frozenset[ErrorCode], examples: Mapping[str, Any]) -> dict[str, Any]:
    """The response object of one status; `examples`: code → an envelope the server really sent."""
    names = sorted(code.value for code in codes)
    narrowed = {"properties": {"error": {"properties": {"code": {"enum": names}}}}}
    content: dict[str, Any] = {"schema": {"allOf": [{"$ref": REFERENCE.format(model=FAILURE)}, narrowed]}}
    shown = {name: {"value": examples[name]} for name in names if name in examples}
    if shown:
        content["examples"] = shown
    return {
        "description": f"{_MEANINGS[status]} `{'`, `'.join(names)}`",
        "headers": {**described_headers(_HEADERS.get(status, {})), **common_headers()},
        "content": {JSON: content},
    }


def _implied(route: Route, documented: Documented, scope: Scope | None) -> list[ErrorCode]:
    implied: list[ErrorCode] = []
    if scope is not None:
        implied.append(ErrorCode.UNAUTHORIZED)
        if scope is not Scope.READ:
            implied.append(ErrorCode.FORBIDDEN)
    if route.variables:
        implied.append(ErrorCode.ROUTE_NOT_FOUND)
    if documented.body:
        implied += _WITH_BODY
    if route.method in _SENDING and ErrorCode.FILE_TOO_LARGE not in documented.failures:
        implied.append(ErrorCode.BODY_TOO_LARGE)
    return implied

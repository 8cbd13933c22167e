"""Every REST route, as the descriptors list them, for callers without a token, strangers and readers.

A new route is in here by itself; one with an id of a new kind asks for it in `belongings.py`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from clipzy_server.rest.openapi.document import build_document
from clipzy_server.rest.services import ROUTES
from tests.acceptance.belongings import kind_of, unknown
from tests.acceptance.schemathesis_hooks import tiny_clip

DOCUMENT = build_document(ROUTES)
# Other ones with every answer; the line is closed where a body was not read to its end.
VOLATILE = {"connection", "date", "x-request-id"}


@dataclass(frozen=True)
class Route:
    """An operation of the document."""

    method: str
    path: str
    operation: Mapping[str, Any]

    def __str__(self) -> str:
        return str(self.operation["operationId"])

    @property
    def scopes(self) -> list[str]:
        return [scope for needed in self.operation["security"] for scope in needed["token"]]

    def parameters(self, place: str) -> list[Mapping[str, Any]]:
        return [parameter for parameter in self.operation.get("parameters", []) if parameter["in"] == place]

    @property
    def body(self) -> tuple[str, Mapping[str, Any]]:
        """Its media type, and the schema of its fields."""
        content = self.operation.get("requestBody", {}).get("content", {"": {}})
        ((media_type, described),) = content.items()
        return media_type, resolved(described.get("schema", {}))


def resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Behind references, and behind `or null`."""
    while True:
        if "$ref" in schema:
            schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        elif "anyOf" in schema:
            schema = schema["anyOf"][0]
        else:
            return schema


def body_ids(schema: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, inner in resolved(schema).get("properties", {}).items():
        if name.endswith("_id"):
            yield (*above, name)
        else:
            yield from body_ids(inner, (*above, name))


def id_places(route: Route) -> Iterator[tuple[str, ...]]:
    for place in ("path", "query"):
        for parameter in route.parameters(place):
            if parameter["name"].endswith("_id") or parameter["name"] == "with":
                yield (place, parameter["name"])
    yield from (("body", *path) for path in body_ids(route.body[1]))


EVERY = [
    Route(method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
CASES = [(route, place) for route in EVERY for place in id_places(route)]


def send(
    client: httpx.Client, route: Route, ids: dict[str, str], place: tuple[str, ...] = (), value: str = ""
) -> httpx.Response:
    """What must be there, of one's own; and at `place` a value."""

    def needed(where: str) -> dict[str, str]:
        found = {
            parameter["name"]: parameter.get("example") or parameter["schema"].get("const") or "style.json"
            for parameter in route.parameters(where)
            if parameter["required"]
        }
        own = {name: ids[kind_of(name)] for name in found if name.endswith("_id") or name == "with"}
        return {**found, **own, **({place[1]: value} if place[:1] == (where,) else {})}

    url = re.sub(r"{(\w+)}", lambda match: needed("path")[match[1]], route.path)
    body = _body(route, ids, place, value)
    headers = {**needed("header"), **body.pop("headers", {})}
    return client.request(route.method, url.lstrip("/"), params=needed("query"), headers=headers, **body)


def _body(route: Route, ids: dict[str, str], place: tuple[str, ...], value: str) -> dict[str, Any]:
    media_type, schema = route.body
    fields: dict[str, Any] = {name: ids[kind_of(name)] for name in schema.get("required", ()) if name.endswith("_id")}
    if "name" in schema.get("required", ()):
        fields["name"] = "a name"
    if place[:1] == ("body",):
        holder = fields
        for name in place[1:-1]:
            holder = holder.setdefault(name, {})
        holder[place[-1]] = value
    if media_type == "multipart/form-data":
        return {"data": fields, "files": {"file": ("clip.mp4", tiny_clip("mp4", 12), "video/mp4")}}
    if media_type == "application/json":
        return {"json": fields}
    return {"content": b"", "headers": {"content-type": media_type}} if media_type else {}


def told(answer: httpx.Response, some_id: str = "-") -> tuple[Any, ...]:
    """Everything the caller sees."""
    headers = sorted((name, value) for name, value in answer.headers.items() if name not in VOLATILE)
    return (answer.status_code, headers, answer.text.replace(some_id, "ID"))


@pytest.fixture(scope="module")
def caller(stack) -> Iterator[Any]:
    """Makes clients: one for each token."""
    clients: dict[str | None, httpx.Client] = {}

    def client(token: str | None) -> httpx.Client:
        if token not in clients:
            clients[token] = stack.client()
            clients[token].headers.pop("authorization")
            if token is not None:
                clients[token].headers["authorization"] = f"Bearer {token}"
        return clients[token]

    yield client
    for opened in clients.values():
        opened.close()


def code(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


def test_methods_and_scopes_of_routes_say_the_same():
    for route in EVERY:
        assert (route.scopes == ["write"]) is (route.method not in ("GET", "HEAD", "OPTIONS")), route


@pytest.mark.parametrize("route", EVERY, ids=str)
def test_without_a_good_token_nothing_but_what_is_open_is_answered(caller, mine, route):
    answers = [send(caller(token), route, mine) for token in (None, "x", "clipzy_wrong")]
    if not route.scopes:
        assert all(answer.is_success for answer in answers)
        return
    assert len({repr(told(answer)) for answer in answers}) == 1
    assert answers[0].status_code == 401
    assert route.method == "HEAD" or code(answers[0]) == "UNAUTHORIZED"


@pytest.mark.parametrize(("route", "place"), CASES, ids=str)
def test_what_is_anothers_answers_exactly_as_what_nobody_has(caller, mine, theirs, stranger_token, route, place):
    known = mine[kind_of(place[-1])]
    client = caller(stranger_token)
    foreign = send(client, route, theirs, place, known)
    absent = send(client, route, theirs, place, unknown(known))
    if not route.scopes:
        assert told(foreign, known) == told(absent, unknown(known))
        return
    assert foreign.status_code == 404
    assert route.method == "HEAD" or code(foreign).endswith("_NOT_FOUND")
    assert told(foreign, known) == told(absent, unknown(known))


@pytest.mark.parametrize("route", [route for route in EVERY if str(route).startswith("list")], ids=str)
def test_lists_tell_nothing_of_others(caller, mine, stranger_token, route):
    answer = caller(stranger_token).get(route.path.lstrip("/"), params={"page_size": 100})
    assert answer.status_code == 200
    assert [some_id for some_id in mine.values() if some_id in answer.text] == []


@pytest.mark.parametrize("route", EVERY, ids=str)
def test_a_reader_reads_everything_and_changes_nothing(caller, mine, reader_token, route):
    answer = send(caller(reader_token), route, mine)
    if route.scopes == ["write"]:
        assert (answer.status_code, code(answer)) == (403, "FORBIDDEN")
    else:
        assert answer.is_success, answer.text

"""The document as the gateway serves it, and whether the gateway knows every route it tells of."""

import json
import re

from clipzy_server.rest.openapi.document import build_document
from clipzy_server.rest.services import ROUTES


async def test_the_document_is_served_to_everybody(facade):
    request = facade.http.build_request("GET", "/openapi.json")
    del request.headers["authorization"]
    answer = await facade.http.send(request)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == json.loads(json.dumps(build_document(ROUTES)))


async def test_the_gateway_leads_every_documented_route_to_the_server(facade):
    for path, methods in build_document(ROUTES)["paths"].items():
        url = re.sub(r"{\w+}", "x", path)
        for method in methods:
            # An unknown query parameter is refused by the server itself, whatever the route.
            answer = await facade.http.request(method.upper(), url, params={"no_such": "1"}, json={})
            assert answer.status_code == 422, (method, path, answer.text)


async def test_methods_that_are_not_documented_are_405(facade):
    for path, methods in build_document(ROUTES)["paths"].items():
        url = re.sub(r"{\w+}", "x", path)
        for method in {"get", "head", "post", "put", "patch", "delete", "options", "trace", "brew"} - methods.keys():
            answer = await facade.http.request(method.upper(), url)
            assert answer.status_code == 405, (method, path, answer.text)
            assert set(answer.headers["allow"].lower().split(", ")) == methods.keys()


async def test_headers_whose_names_grpc_does_not_know_do_not_fail_a_call(facade):
    headers = dict.fromkeys(("!b", "x#y", "a&b~c", "`", "'", "p|q", "c^d", "+", "50%"), "x")
    assert (await facade.http.get("/health", headers=headers)).status_code == 200

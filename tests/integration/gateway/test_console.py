"""The console through a running gateway, with no server behind it."""

import httpx
import pytest

from tests.gateways import gateway

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(scope="module")
async def http():
    async with gateway("127.0.0.1:1") as running:
        address = f"http://127.0.0.1:{running.port}"
        async with httpx.AsyncClient(base_url=address, headers=BROWSER, trust_env=False) as client:
            yield client


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/?from=mail", "text/html; charset=utf-8"),
        ("/console/app.js", "text/javascript; charset=utf-8"),
        ("/console/console.css", "text/css; charset=utf-8"),
        ("/console/icon.svg", "image/svg+xml"),
        ("/console/SourceSansPro-Light.otf", "font/otf"),
    ],
)
async def test_the_page_is_there_without_a_server(http, path, content_type):
    answer = await http.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, content_type)
    assert int(answer.headers["content-length"]) == len(answer.content) > 100
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    head = await http.head(path)
    assert (head.headers["etag"], head.content) == (answer.headers["etag"], b"")


@pytest.mark.parametrize("weak", ["", "W/"])
async def test_what_the_browser_has_is_not_sent_again(http, weak):
    tag = weak + (await http.get("/")).headers["etag"]
    answer = await http.get("/", headers={"if-none-match": f'"other", {tag}'})
    assert (answer.status_code, answer.content) == (304, b"")
    assert "location" not in answer.headers


@pytest.mark.parametrize("path", ["/console", "/console/", "/console/none.js", "/console/../envoy.yaml", "/index.html"])
async def test_other_paths_are_still_no_route(http, path):
    answer = await http.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "ROUTE_NOT_FOUND")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("accept", ["*/*", "application/json"])
async def test_to_programs_the_address_itself_is_no_route(http, method, accept):
    answer = await http.request(method, "/", headers={"accept": accept})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "ROUTE_NOT_FOUND")


async def test_the_page_is_only_read(http):
    answer = await http.post("/")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.json()["error"]["code"] == "METHOD_NOT_ALLOWED"

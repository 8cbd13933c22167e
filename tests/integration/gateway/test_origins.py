"""Which pages of other origins may call: those of CORS_ORIGINS, over REST and gRPC-Web alike."""

import base64

import pytest

from tests.gateways import gateway

OURS, ALSO_OURS, FOREIGN = "https://app.example.com", "http://localhost:3000", "https://app.example.com.evil.invalid"
GRPC_WEB = {"content-type": "application/grpc-web-text", "accept": "application/grpc-web-text"}
EMPTY_MESSAGE = base64.b64encode(b"\0\0\0\0\0")


@pytest.fixture(scope="module")
async def ours(upstream):
    async with gateway(upstream, cors_origins=(OURS, ALSO_OURS)) as running:
        yield running


@pytest.fixture(scope="module")
async def http(ours, calling):
    async with calling(ours) as client:
        yield client


def allowed(answer):
    return answer.headers.get("access-control-allow-origin")


def preflight(origin, method="POST"):
    return {"origin": origin, "access-control-request-method": method}


@pytest.mark.parametrize("path", ["/jobs", "/nothing", "/videos/upload"])
@pytest.mark.parametrize("origin", [OURS, ALSO_OURS])
async def test_our_origins_are_named_on_answers_and_refusals(http, path, origin):
    answer = await http.get(path, headers={"origin": origin})
    assert allowed(answer) == origin
    assert "Origin" in answer.headers["vary"]
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("path", ["/jobs", "/nothing", "/videos/upload"])
@pytest.mark.parametrize("origin", [FOREIGN, "null", "https://APP.example.com", "https://appXexample.com"])
async def test_no_other_origin_is(http, path, origin):
    assert allowed(await http.get(path, headers={"origin": origin})) is None


@pytest.mark.parametrize("path", ["/jobs", "/videos/upload", "http://x/clipzy.v1.JobService/GetJob"])
async def test_a_preflight_is_answered_to_our_origins_only(ours, http, path):
    url = path.replace("http://x", f"http://127.0.0.1:{ours.port}")
    answer = await http.options(url, headers=preflight(OURS))
    assert (answer.status_code, allowed(answer)) == (200, OURS)
    assert {"authorization", "idempotency-key", "x-grpc-web"} <= set(
        answer.headers["access-control-allow-headers"].split(", ")
    )
    foreign = await http.options(url, headers=preflight(FOREIGN))
    assert foreign.status_code >= 400
    assert allowed(foreign) is None


async def test_grpc_web_is_answered_to_a_page_of_ours(ours, http):
    url = f"http://127.0.0.1:{ours.port}/clipzy.v1.JobService/GetJob"
    answer = await http.post(url, content=EMPTY_MESSAGE, headers={**GRPC_WEB, "origin": OURS})
    assert (answer.status_code, allowed(answer)) == (200, OURS)
    assert "grpc-status" in answer.headers["access-control-expose-headers"]
    assert b"/clipzy.v1.JobService/GetJob" in base64.b64decode(answer.content.split(b"=")[0] + b"==")


async def test_by_default_every_origin_may_call_without_credentials(edge, calling):
    async with calling(edge) as http:
        for path in ("/jobs", "/nothing"):
            assert allowed(await http.get(path, headers={"origin": FOREIGN})) == FOREIGN
        answer = await http.options("/jobs", headers=preflight(FOREIGN))
    assert (answer.status_code, allowed(answer)) == (200, FOREIGN)
    assert "access-control-allow-credentials" not in answer.headers

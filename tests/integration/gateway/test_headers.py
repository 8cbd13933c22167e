"""What of a caller's headers gets in, and what comes out again."""

import json

import grpc
import grpc.aio
import pytest
from google.api.httpbody_pb2 import HttpBody

FORGED = {
    "x-clipzy-http-status": "500",
    "x-clipzy-owner": "admin",
    "x-clipzy-request-id": "mine",
    "x-envoy-original-path": "/api/v1/nothing",
    "x-envoy-original-method": "DELETE",
    "x-envoy-retry-on": "5xx",
    "x-envoy-upstream-rq-timeout-ms": "1",
    "x-envoy-internal": "true",
    "x-forwarded-for": "192.0.2.1",
    "x-forwarded-host": "evil.invalid",
    "x-forwarded-prefix": "/nothing",
    "x-forwarded-user": "admin",
    "x-forwarded-client-cert": "By=admin",
    "forwarded": "for=127.0.0.1",
    "x-real-ip": "127.0.0.1",
    "x-user": "admin",
    "x-user-id": "1",
    "x-owner": "admin",
    "x-auth-request-user": "admin",
    "x-remote-user": "admin",
    "remote-user": "admin",
    "x-original-url": "/nothing",
    "x-rewrite-url": "/nothing",
    "x-http-method-override": "DELETE",
    "x-method-override": "DELETE",
}


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_header_does_not_reach_the_server(http, name):
    answer = await http.get("/jobs", headers={name: FORGED[name]})
    assert answer.status_code == 200
    seen = answer.json()
    assert seen["method"] == "/clipzy.rest.v1.JobService/ListJobs"
    assert seen["metadata"].get(name) != FORGED[name]
    assert seen["metadata"]["x-envoy-original-path"] == "/api/v1/jobs"


async def test_native_calls_are_cleaned_of_them_too(edge):
    async with grpc.aio.insecure_channel(f"127.0.0.1:{edge.port}") as channel:
        call = channel.unary_unary("/clipzy.v1.JobService/GetJob", response_deserializer=HttpBody.FromString)
        answer = await call(b"", metadata=tuple(FORGED.items()))
    assert not set(FORGED) & set(json.loads(answer.data)["metadata"])


async def test_what_a_caller_may_say_arrives(http):
    said = {
        "authorization": "Bearer x",
        "idempotency-key": "k",
        "last-event-id": "7",
        "range": "bytes=0-",
        "if-range": "t",
    }
    seen = (await http.get("/jobs", headers=said)).json()["metadata"]
    assert {name: seen[name] for name in said} == said


@pytest.mark.parametrize("sane", ["abc-1", "7f3c/A=:@+_.", "x" * 128, "9d2bdf07-4852-429a-a19b-fae81c6cf770"])
@pytest.mark.parametrize("path", ["/jobs", "/nothing"])
async def test_a_sane_request_id_is_kept_and_echoed(http, sane, path):
    answer = await http.get(path, headers={"x-request-id": sane})
    assert answer.headers["x-request-id"] == sane
    if answer.status_code == 200:
        assert answer.json()["metadata"]["x-request-id"] == sane


@pytest.mark.parametrize("insane", ["", "a b", "../../x\t'--", "x" * 129, "<script>", "a,b", "\u00e9"])
@pytest.mark.parametrize("path", ["/jobs", "/nothing"])
async def test_any_other_request_id_is_replaced(http, insane, path):
    answer = await http.get(path, headers={"x-request-id": insane.encode("latin-1")})
    assert len(answer.headers["x-request-id"]) == 36
    if answer.status_code == 200:
        assert answer.json()["metadata"]["x-request-id"] == answer.headers["x-request-id"]


async def test_a_header_with_an_underscore_is_refused(edge):
    answer = await edge.raw(b"GET /api/v1/jobs HTTP/1.1\r\nhost: x\r\nx_user: admin\r\nconnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"code":"VALIDATION_ERROR"' in answer
    assert b"x-request-id: " in answer


async def test_headers_that_are_too_large_or_too_many_are_refused(http, refused):
    refused(await http.get("/jobs", headers={"x-big": "x" * 40_000}), 431, "VALIDATION_ERROR")
    refused(await http.get("/jobs", headers={f"x-h{n}": "1" for n in range(101)}), 431, "VALIDATION_ERROR")
    assert (await http.get("/jobs", headers={"x-big": "x" * 20_000})).status_code == 200


async def test_an_answer_tells_nothing_of_what_is_behind(http):
    for path in ("/jobs", "/nothing"):
        headers = (await http.get(path)).headers
        assert headers["server"] == "clipzy"
        assert headers["x-content-type-options"] == "nosniff"
        assert not [name for name in headers if name.startswith(("x-envoy", "x-clipzy", "grpc-")) or name == "via"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/jobs"), ("PUT", "/jobs"), ("POST", "/nothing")])
async def test_grpc_on_a_rest_path_is_no_way_in(http, refused, method, path):
    answer = await http.request(method, path, content=b"x", headers={"content-type": "application/grpc"})
    refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


async def test_the_log_has_no_token_and_no_query(edge, http):
    secret = {"authorization": "Bearer tok-secret", "x-request-id": "logged-1"}
    assert (await http.get("/jobs?token=tok-secret", headers=secret)).status_code == 200
    while b"logged-1" not in (log := edge.access_log.read_bytes()):
        assert (await http.get("/jobs")).status_code == 200
    assert b"tok-secret" not in log
    line = next(json.loads(line) for line in log.splitlines() if b"logged-1" in line)
    assert (line["method"], line["path"], line["status"], line["client"]) == ("GET", "/api/v1/jobs", 200, "127.0.0.1")

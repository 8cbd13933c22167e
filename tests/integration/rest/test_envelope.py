"""Refusals of every origin leave in the documented envelope."""

import pytest

from clipzy_server.domain.errors import ErrorCode, Exhausted


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/jobs/x/y/z",
        "/jobs/..%2f..%2fx",
        "/jobs/x/%2e%2e",
        "/styles/../jobs",
        "/jobs/%00",
        "/jobs/job_%ff%fe",
        "/styles/a/b",
        "/",
    ],
)
async def test_unknown_paths_are_404(facade, path):
    head = f"GET /api/v1{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    answer = await facade.raw(head.encode())
    assert answer.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 "))
    assert b"x-request-id: " in answer
    assert b'"code":"ROUTE_NOT_FOUND"' in answer or b'"code":"VALIDATION_ERROR"' in answer


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/health", "GET"),
        ("PUT", "/jobs", "GET, POST"),
        ("PATCH", "/jobs/job_x", "GET"),
        ("GET", "/jobs/job_x/cancel", "POST"),
        ("PUT", "/videos/upload", "POST"),
        ("POST", "/videos", "GET"),
        ("PUT", "/styles/sty_x", "GET, DELETE"),
        ("POST", "/jobs/job_x/output", "GET, HEAD"),
        ("POST", "/videos/vid_x/file", "GET, HEAD"),
    ],
)
async def test_wrong_methods_are_405_and_told_what_is_allowed(facade, expect_error, method, path, allowed):
    answer = await facade.http.request(method, path)
    expect_error(answer, 405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/videos/upload"),
        ("DELETE", "/videos/vid_x"),
        ("POST", "/jobs"),
        ("POST", "/jobs/job_x/cancel"),
        ("POST", "/jobs/job_x/retry"),
        ("POST", "/styles"),
        ("DELETE", "/styles/sty_x"),
    ],
)
async def test_a_token_that_only_reads_is_an_exact_403_where_something_would_change(
    facade, reading, expect_error, expect_data, method, path
):
    error = expect_error(await facade.http.request(method, path, headers=reading), 403, "FORBIDDEN")
    assert "write" in error["detail"]
    assert expect_data(await facade.http.get("/jobs", headers=reading), "Jobs retrieved")["total"] == 0


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Bearer", "Basic x", "x"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/jobs"), ("POST", "/videos/upload"), ("GET", "/jobs/x/events")])
async def test_without_the_token_everything_is_an_exact_401(facade, expect_error, header, method, path):
    request = facade.http.build_request(method, path)
    del request.headers["authorization"]
    if header is not None:
        request.headers["authorization"] = header
    answer = await facade.http.send(request)
    error = expect_error(answer, 401, "UNAUTHORIZED")
    assert error["detail"] == "Missing or invalid authentication credentials."
    assert answer.json()["message"] == "Unauthorized"


async def test_a_body_over_2_mib_is_413(facade, expect_error):
    answer = await facade.http.post(
        "/jobs", content=b"x" * (2 * 1024 * 1024 + 1), headers={"content-type": "application/json"}
    )
    expect_error(answer, 413, "BODY_TOO_LARGE")


async def test_an_announced_file_over_the_limit_is_413_before_it_is_sent(facade):
    answer = await facade.raw(
        b"POST /api/v1/videos/upload HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
        b"content-type: multipart/form-data; boundary=a\r\ncontent-length: 99999999999\r\n\r\n--a\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code":"FILE_TOO_LARGE"' in answer


async def test_a_wrong_content_type_is_415(facade, expect_error):
    for content_type in ("text/plain", "application/grpc"):
        answer = await facade.http.post("/jobs", content=b"{}", headers={"content-type": content_type})
        expect_error(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


async def test_an_error_with_a_time_to_wait_carries_retry_after(facade, expect_error):
    facade.jobs.failures["job_1"] = Exhausted(ErrorCode.RATE_LIMITED, "Too many requests", retry_after_s=7)
    answer = await facade.http.get("/jobs/job_1")
    expect_error(answer, 429, "RATE_LIMITED")
    assert answer.headers["retry-after"] == "7"


async def test_a_crash_tells_nothing_but_the_request_id(facade, expect_error):
    facade.jobs.failures["job_1"] = RuntimeError("secret")
    answer = await facade.http.get("/jobs/job_1")
    error = expect_error(answer, 500, "INTERNAL_ERROR")
    assert answer.headers["x-request-id"] in error["detail"]
    assert "secret" not in answer.text


async def test_an_error_before_the_first_message_of_a_stream_is_an_ordinary_one(facade, expect_error):
    for path in ("/jobs/job_none/events", "/jobs/job_none/output", "/jobs/job_none/artifacts/style.json"):
        expect_error(await facade.http.get(path), 404, "JOB_NOT_FOUND")


async def test_health_that_fails_is_503(facade, expect_error):
    facade.health.is_ready = False
    error = expect_error(await facade.http.get("/health"), 503, "UNAVAILABLE")
    assert error["detail"] == "database: unavailable"


async def test_unknown_query_parameters_are_refused_by_name(facade, expect_error):
    for path in ("/health?verbos=1", "/jobs?pge=2", "/jobs/job_x?job_id=y", "/videos?pge=2", "/styles?%70ge=1"):
        name = path.partition("?")[2].partition("=")[0].replace("%70", "p")
        assert name in expect_error(await facade.http.get(path), 422, "VALIDATION_ERROR")["detail"]


async def test_every_request_has_its_own_id(facade):
    answers = [await facade.http.get("/health") for _ in range(3)]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 3


async def test_forged_private_headers_change_nothing(facade, expect_data):
    forged = {"x-clipzy-http-status": "599", "x-clipzy-error": "{}", "x-envoy-original-path": "/api/v1/jobs?page=0"}
    answer = await facade.http.get("/jobs", headers=forged)
    assert expect_data(answer)["page"] == 1


@pytest.mark.parametrize("path", ["/jobs", "/nothing"])
async def test_cors_headers_are_on_answers_and_on_refusals(facade, path):
    answer = await facade.http.get(path, headers={"origin": "https://app.example.com"})
    assert answer.headers["access-control-allow-origin"] == "https://app.example.com"
    assert "access-control-allow-credentials" not in answer.headers


async def test_a_preflight_is_answered_without_a_token(facade):
    headers = {"origin": "https://app.example.com", "access-control-request-method": "POST", "authorization": ""}
    answer = await facade.http.options("/jobs", headers=headers)
    assert answer.status_code == 200
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "authorization" in answer.headers["access-control-allow-headers"]


async def test_options_without_a_preflight_is_405(facade, expect_error):
    expect_error(await facade.http.options("/jobs"), 405, "METHOD_NOT_ALLOWED")


async def test_a_trailing_slash_is_the_same_route(facade, expect_data):
    assert expect_data(await facade.http.get("/jobs/")) == expect_data(await facade.http.get("/jobs"))


async def test_what_is_not_http_gets_the_envelope_or_a_closed_line(facade):
    answer = await facade.raw(b"NONSENSE\r\n\r\n")
    assert answer == b"" or (b" 400 " in answer and b'"code":"VALIDATION_ERROR"' in answer)

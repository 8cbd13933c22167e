import asyncio
import json

import grpc
import grpc.aio
import pytest
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status as RpcStatus
from grpc_status.rpc_status import GRPC_DETAILS_METADATA_KEY
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from clipzy_server.domain.errors import ErrorCode, NotFound, StageFailed, Unavailable
from clipzy_server.transport.call import current_owner, current_request_id

KINDS = ["UnaryUnary", "UnaryStream", "StreamUnary", "StreamStream"]


def behaviour_of(kind, body):
    """A handler of the kind that awaits `body()` and answers with what it gives."""

    async def single(request, context):
        return await body()

    async def streaming(request, context):
        yield await body()

    return streaming if kind.endswith("Stream") else single


async def call(channel, kind, metadata=()):
    """Calls the method of the kind; gives the answer and the finished call.

    Nothing is written to a stream: a write that crosses the server's refusal can hide it (INTERNAL, grpc.aio's client).
    """
    path = f"/test.Service/{kind}"
    if kind == "UnaryUnary":
        made = channel.unary_unary(path)(b"x", metadata=metadata)
        return await made, made
    if kind == "StreamUnary":
        made = channel.stream_unary(path)(metadata=metadata)
        return await made, made
    if kind == "UnaryStream":
        made = channel.unary_stream(path)(b"x", metadata=metadata)
    else:
        made = channel.stream_stream(path)(metadata=metadata)
    return b"".join([part async for part in made]), made


async def refused(channel, kind, metadata=()):
    """The error the call ends with, its trailers and its ErrorInfo."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(channel, kind, metadata)
    error = caught.value
    trailers = dict(error.trailing_metadata())
    (detail,) = RpcStatus.FromString(trailers[GRPC_DETAILS_METADATA_KEY]).details
    info = ErrorInfo()
    assert detail.Unpack(info)
    return error, trailers, info


async def whoami():
    return f"{current_owner().name} {current_request_id()}".encode()


async def not_there():
    raise NotFound(ErrorCode.JOB_NOT_FOUND, "Job not found", "There is no job job_1.")


async def crash():
    raise RuntimeError("the secret is hush")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_call_knows_its_owner_and_its_request_id(serving, token, kind):
    async with serving(**{kind: behaviour_of(kind, whoami)}) as channel:
        answer, made = await call(channel, kind, (*token, ("x-request-id", "abc-1")))
        assert answer == b"ada abc-1"
        assert dict(await made.trailing_metadata())["x-request-id"] == "abc-1"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_domain_error_leaves_as_status_error_info_and_envelope(serving, token, kind):
    async with serving(**{kind: behaviour_of(kind, not_there)}) as channel:
        error, trailers, info = await refused(channel, kind, token)
    assert error.code() is grpc.StatusCode.NOT_FOUND
    assert error.details() == "Job not found"
    assert (info.reason, info.domain) == ("JOB_NOT_FOUND", "clipzy")
    assert trailers["x-clipzy-http-status"] == "404"
    assert json.loads(trailers["x-clipzy-error"])["error"] == {
        "detail": "There is no job job_1.",
        "code": "JOB_NOT_FOUND",
    }


@pytest.mark.parametrize("kind", KINDS)
async def test_a_crash_is_logged_and_leaks_nothing(serving, token, kind):
    with capture_logs() as logs:
        async with serving(**{kind: behaviour_of(kind, crash)}) as channel:
            error, trailers, info = await refused(channel, kind, token)
    assert error.code() is grpc.StatusCode.INTERNAL
    assert info.reason == "INTERNAL_ERROR"
    told = f"{error.details()} {error.debug_error_string()} {trailers} {info}"
    assert "hush" not in told
    assert "RuntimeError" not in told
    assert trailers["x-request-id"] in json.loads(trailers["x-clipzy-error"])["error"]["detail"]
    (entry,) = [log for log in logs if log["event"] == "unexpected"]
    assert entry["request_id"] == trailers["x-request-id"]
    assert entry["exc_info"] is True


async def stage_failure():
    raise StageFailed(ErrorCode.RENDER_FAILED, "It does not render", "av.error in /srv/clipzy/rendering.py")


@pytest.mark.parametrize("body", [crash, stage_failure])
async def test_whatever_fails_inside_stays_inside(serving, token, body):
    async with serving(UnaryUnary=behaviour_of("UnaryUnary", body)) as channel:
        error, trailers, info = await refused(channel, "UnaryUnary", token)
    assert info.reason == "INTERNAL_ERROR"
    told = f"{error.details()} {trailers} {info}"
    assert not [word for word in ("hush", "RuntimeError", "/srv", "render") if word in told]


async def test_an_installation_that_is_debugged_tells_the_error_and_its_cause(serving, token):
    async def body():
        raise KeyError("wrong") from RuntimeError("the secret is hush")

    async with serving(debug=True, UnaryUnary=behaviour_of("UnaryUnary", body)) as channel:
        _, trailers, info = await refused(channel, "UnaryUnary", token)
    assert info.metadata["detail"].endswith("KeyError: 'wrong' <- RuntimeError: the secret is hush")
    assert trailers["x-request-id"] in info.metadata["detail"]


async def test_the_log_knows_why_something_is_unavailable(serving, token):
    async def body():
        raise Unavailable(ErrorCode.UNAVAILABLE, "The database does not answer", "Try again.") from OSError("/run/pg")

    with capture_logs() as logs:
        async with serving(UnaryUnary=behaviour_of("UnaryUnary", body)) as channel:
            error, trailers, _ = await refused(channel, "UnaryUnary", token)
    assert "/run/pg" not in f"{error.details()} {trailers}"
    (entry,) = [log for log in logs if log["event"] == "unavailable"]
    assert entry["error"] == "Unavailable: Try again. <- OSError: /run/pg"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "metadata",
    [
        (),
        (("authorization", "Bearer wrong"),),
        (("authorization", "Bearer "),),
        (("authorization", "ada-token"),),
        (("authorization", "Basic ada-token"),),
    ],
)
async def test_without_a_good_token_nothing_is_served(serving, kind, metadata):
    served = []

    async def body():
        served.append(1)
        return b""

    async with serving(**{kind: behaviour_of(kind, body)}) as channel:
        error, trailers, info = await refused(channel, kind, metadata)
    assert error.code() is grpc.StatusCode.UNAUTHENTICATED
    assert info.reason == "UNAUTHORIZED"
    assert trailers["x-clipzy-http-status"] == "401"
    assert served == []


async def test_the_scheme_may_be_written_in_any_case(serving):
    async with serving(UnaryUnary=behaviour_of("UnaryUnary", whoami)) as channel:
        answer, _ = await call(channel, "UnaryUnary", (("authorization", "bearer ada-token"),))
    assert answer.startswith(b"ada ")


async def test_with_authentication_off_everybody_is_the_same_owner(serving):
    async with serving(required=False, UnaryUnary=behaviour_of("UnaryUnary", whoami)) as channel:
        answer, _ = await call(channel, "UnaryUnary")
    assert answer.startswith(b"anonymous ")


@pytest.mark.parametrize("offered", ["with space", "a" * 129, "", 'quote"', "{json}"])
async def test_an_odd_request_id_is_replaced(serving, token, offered):
    async with serving(UnaryUnary=behaviour_of("UnaryUnary", whoami)) as channel:
        answer, made = await call(channel, "UnaryUnary", (*token, ("x-request-id", offered)))
        echoed = dict(await made.trailing_metadata())["x-request-id"]
    assert answer == f"ada {echoed}".encode()
    assert len(echoed) == 32


async def test_requests_without_an_id_get_different_ones(serving, token):
    async with serving(UnaryUnary=behaviour_of("UnaryUnary", whoami)) as channel:
        answers = {(await call(channel, "UnaryUnary", token))[0] for _ in range(5)}
    assert len(answers) == 5


async def test_calls_side_by_side_keep_their_own_identity(serving, token):
    both_here = asyncio.Barrier(2)

    async def body():
        await both_here.wait()
        return await whoami()

    async with serving(UnaryUnary=behaviour_of("UnaryUnary", body)) as channel:
        answers = await asyncio.gather(
            *(call(channel, "UnaryUnary", (*token, ("x-request-id", name))) for name in ("one", "two"))
        )
    assert [answer for answer, _ in answers] == [b"ada one", b"ada two"]


async def test_an_unknown_method_answers_in_the_same_shape(serving, token):
    async with serving(StreamUnary=behaviour_of("StreamUnary", whoami)) as channel:
        error, _, info = await refused(channel, "UnaryUnary", token)
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED
    assert info.reason == "NOT_IMPLEMENTED"


async def test_an_owner_that_calls_too_often_is_told_when_to_come_again(serving, token):
    async with serving(per_minute=2, UnaryUnary=behaviour_of("UnaryUnary", whoami)) as channel:
        for _ in range(2):
            await call(channel, "UnaryUnary", token)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call(channel, "UnaryUnary", token)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    trailers = dict(caught.value.trailing_metadata())
    assert trailers["x-clipzy-http-status"] == "429"
    about, again = RpcStatus.FromString(trailers[GRPC_DETAILS_METADATA_KEY]).details
    info, retry = ErrorInfo(), RetryInfo()
    assert about.Unpack(info)
    assert again.Unpack(retry)
    assert info.reason == "RATE_LIMITED"
    assert int(trailers["retry-after"]) == retry.retry_delay.seconds in range(25, 31)


async def test_a_handler_may_write_its_answers_itself(serving, token):
    async def writes(request, context):
        await context.write(b"one")
        await context.write(b"two")

    async with serving(UnaryStream=writes) as channel:
        answer, _ = await call(channel, "UnaryStream", token)
    assert answer == b"onetwo"


async def test_a_failure_after_the_first_answer_still_ends_with_its_code(serving, token):
    async def breaks(request, context):
        yield b"one"
        raise NotFound(ErrorCode.ARTIFACT_NOT_FOUND, "Gone")

    async with serving(UnaryStream=breaks) as channel:
        error, _, info = await refused(channel, "UnaryStream", token)
    assert error.code() is grpc.StatusCode.NOT_FOUND
    assert info.reason == "ARTIFACT_NOT_FOUND"


@pytest.mark.parametrize("kind", ["UnaryStream", "StreamStream"])
async def test_a_cancelled_stream_is_closed_at_once_and_logged_as_such(serving, token, kind):
    closed = asyncio.Event()

    async def endless(request, context):
        try:
            yield b"first"
            await asyncio.Event().wait()
        finally:
            closed.set()

    with capture_logs() as logs:
        async with serving(**{kind: endless}) as channel:
            path = f"/test.Service/{kind}"
            made = (
                channel.unary_stream(path)(b"", metadata=token)
                if kind == "UnaryStream"
                else channel.stream_stream(path)(iter([b""]), metadata=token)
            )
            assert await made.read() == b"first"
            made.cancel()
            async with asyncio.timeout(10):
                await closed.wait()
    assert [log["code"] for log in logs if log["event"] == "call"] == ["CANCELLED"]


async def test_each_call_leaves_one_line_in_the_log(serving, token):
    with capture_logs() as logs:
        async with serving(
            UnaryUnary=behaviour_of("UnaryUnary", whoami), UnaryStream=behaviour_of("UnaryStream", not_there)
        ) as channel:
            await call(channel, "UnaryUnary", (*token, ("x-request-id", "fine")))
            await refused(channel, "UnaryStream", (*token, ("x-request-id", "broken")))
            await refused(channel, "UnaryUnary", (("x-request-id", "stranger"),))
    lines = {log["request_id"]: log for log in logs if log["event"] == "call"}
    assert {name: (line["method"], line["code"], line["owner"]) for name, line in lines.items()} == {
        "fine": ("/test.Service/UnaryUnary", "OK", "own_ada"),
        "broken": ("/test.Service/UnaryStream", "NOT_FOUND", "own_ada"),
        "stranger": ("/test.Service/UnaryUnary", "UNAUTHENTICATED", None),
    }
    assert all(line["duration_ms"] >= 0 for line in lines.values())


async def test_calls_are_counted_by_method_and_status_and_invented_methods_under_one_name(serving, token):
    def counted(method, code):
        return REGISTRY.get_sample_value("clipzy_request_seconds_count", {"method": method, "code": code}) or 0

    path, before = "/test.Service/UnaryUnary", counted("/test.Service/UnaryUnary", "OK")
    async with serving(UnaryUnary=behaviour_of("UnaryUnary", lambda: asyncio.sleep(0, b"y"))) as channel:
        await channel.unary_unary(path)(b"x", metadata=token)
        with pytest.raises(grpc.aio.AioRpcError):
            await channel.unary_unary("/test.Service/Invented")(b"x")
    assert counted(path, "OK") == before + 1
    assert counted("unknown", "UNAUTHENTICATED") >= 1

import json

import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status as RpcStatus
from hypothesis import given
from hypothesis import strategies as st

from clipzy_server.domain.errors import ClipzyError, ErrorCode, Exhausted, Unauthorized
from clipzy_server.transport.failure import failure_of, internal_error
from clipzy_server.transport.statuses import STATUSES


def sent(error):
    failure = failure_of(error, "req-1")
    return failure, dict(failure.trailers)


def error_infos(trailers):
    status = RpcStatus.FromString(trailers["grpc-status-details-bin"])
    infos = []
    for detail in status.details:
        info = ErrorInfo()
        assert detail.Unpack(info)
        infos.append(info)
    return status, infos


@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_code_reaches_both_kinds_of_callers(code):
    failure, trailers = sent(ClipzyError(code, "What happened", "exactly this"))
    status, (info,) = error_infos(trailers)
    assert (info.reason, info.domain, info.metadata["detail"]) == (code.value, "clipzy", "exactly this")
    assert status.code == STATUSES[code].grpc.value[0] == failure.status.value[0]
    assert status.message == failure.message == "What happened"
    assert trailers["x-clipzy-http-status"] == str(STATUSES[code].http)
    assert trailers["x-request-id"] == "req-1"
    assert json.loads(trailers["x-clipzy-error"]) == {
        "success": False,
        "message": "What happened",
        "error": {"detail": "exactly this", "code": code.value},
    }


def test_a_missing_token_is_told_in_the_published_words():
    _, trailers = sent(Unauthorized())
    assert json.loads(trailers["x-clipzy-error"]) == {
        "success": False,
        "message": "Unauthorized",
        "error": {"detail": "Missing or invalid authentication credentials.", "code": "UNAUTHORIZED"},
    }


@pytest.mark.parametrize(("retry_after_s", "header"), [(0.0, "1"), (1.0, "1"), (1.2, "2"), (60.0, "60")])
def test_a_limit_says_when_to_come_again_in_whole_seconds(retry_after_s, header):
    _, trailers = sent(Exhausted(ErrorCode.RATE_LIMITED, "Too many requests", retry_after_s=retry_after_s))
    assert trailers["retry-after"] == header


def test_other_failures_do_not_ask_to_come_again():
    assert "retry-after" not in sent(Unauthorized())[1]


@given(
    message=st.text(st.characters(), max_size=3000) | st.sampled_from(["ü" * 5000, "🎬" * 5000, "\x00" * 5000]),
    detail=st.text(st.characters(), max_size=3000) | st.sampled_from(["\ud800" * 5000, "\\" * 5000, "x" * 50_000]),
)
def test_any_text_fits_into_metadata(message, detail):
    _, trailers = sent(ClipzyError(ErrorCode.VALIDATION_ERROR, message, detail))
    told = trailers["x-clipzy-error"]
    assert told.isascii()
    assert told.isprintable()
    assert len(told) < 4096
    assert len(trailers["grpc-status-details-bin"]) < 3000
    assert json.loads(told)["error"]["code"] == "VALIDATION_ERROR"


@given(text=st.text(max_size=90))
def test_short_texts_are_told_whole(text):
    _, trailers = sent(ClipzyError(ErrorCode.VALIDATION_ERROR, "Invalid", text or None))
    told = json.loads(trailers["x-clipzy-error"])
    assert told["error"]["detail"] == (text.encode("utf-8", "replace").decode() or "Invalid")


def test_a_crash_tells_its_request_id_only():
    error = internal_error("req-7")
    assert (error.code, error.message) == (ErrorCode.INTERNAL_ERROR, "Internal error")
    assert "req-7" in error.detail

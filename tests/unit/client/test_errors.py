"""What a failed call becomes in the caller's hands."""

import grpc
import pytest
from grpc.aio import AioRpcError, Metadata

from clipzy_client import errors
from clipzy_client.refusals import from_rpc
from clipzy_server.domain.errors import ErrorCode, Exhausted, NotFound
from clipzy_server.transport.failure import failure_of


def refused(status, trailers, message):
    return AioRpcError(status, Metadata(), Metadata(*trailers), details=message)


@pytest.mark.parametrize("code", [ErrorCode.VIDEO_NOT_FOUND, ErrorCode.JOB_NOT_FOUND])
def test_error_carries_what_the_server_said(code):
    failure = failure_of(NotFound(code, "It does not exist.", "no video vid_x"), "req-7")
    error = from_rpc(refused(failure.status, failure.trailers, failure.message))
    assert (error.code, error.message, error.detail) == (code, "It does not exist.", "no video vid_x")
    assert error.request_id == "req-7"
    assert str(error) == f"{code}: It does not exist. (request req-7)"


def test_failure_that_never_reached_the_server_has_the_name_of_its_status():
    error = from_rpc(refused(grpc.StatusCode.UNAVAILABLE, (), "connection refused"))
    assert (error.code, error.message, error.request_id) == ("UNAVAILABLE", "connection refused", None)


def test_every_published_code_has_a_class_of_its_own():
    assert set(errors.ClipzyError.kinds()) == set(ErrorCode)
    assert all(kind.__doc__ for kind in errors.ClipzyError.kinds().values())


def test_a_limit_tells_when_to_come_again():
    failure = failure_of(Exhausted(ErrorCode.RATE_LIMITED, "Too fast", retry_after_s=7), "req-8")
    error = from_rpc(refused(failure.status, failure.trailers, failure.message))
    assert isinstance(error, errors.RateLimited)
    assert error.retry_after_s == 7


def test_a_code_of_a_later_version_is_still_an_error():
    error = errors.error_for("TOO_PRETTY", "It is.", "much")
    assert (type(error), error.code) == (errors.ClipzyError, "TOO_PRETTY")


@pytest.mark.parametrize(
    ("code", "kind"), [("RENDER_FAILED", errors.RenderFailed), ("CORRUPT_VIDEO", errors.JobFailed)]
)
def test_a_failed_job_is_always_caught_as_one(code, kind):
    error = errors.job_failure(code, "no", "rendering")
    assert type(error) is kind
    assert (error.code, error.detail) == (code, "in rendering")

"""What a failed call becomes in the caller's hands."""

import grpc
import pytest
from grpc.aio import AioRpcError, Metadata

from clipzy_client.errors import from_rpc
from clipzy_server.domain.errors import ErrorCode, NotFound
from clipzy_server.transport.failure import failure_of


def refused(status, trailers, message):
    return AioRpcError(status, Metadata(), Metadata(*trailers), details=message)


@pytest.mark.parametrize("code", [ErrorCode.VIDEO_NOT_FOUND, ErrorCode.JOB_NOT_FOUND])
def test_error_carries_what_the_server_said(code):
    failure = failure_of(NotFound(code, "It does not exist.", "no video vid_x"), "req-7")
    error = from_rpc(refused(failure.status, failure.trailers, failure.message))
    assert (error.code, error.message, error.detail) == (code, "It does not exist.", "no video vid_x")
    assert error.request_id == "req-7"
    assert str(error) == f"{code}: It does not exist."


def test_failure_that_never_reached_the_server_has_the_name_of_its_status():
    error = from_rpc(refused(grpc.StatusCode.UNAVAILABLE, (), "connection refused"))
    assert (error.code, error.message, error.request_id) == ("UNAVAILABLE", "connection refused", None)

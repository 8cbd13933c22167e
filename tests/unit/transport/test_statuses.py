import grpc
import pytest

from clipzy_server.domain.errors import ErrorCode
from clipzy_server.transport.statuses import STATUSES


def test_every_error_code_has_its_statuses():
    assert set(STATUSES) == set(ErrorCode)


def test_no_failure_looks_like_a_success():
    assert all(status.grpc is not grpc.StatusCode.OK and status.http >= 400 for status in STATUSES.values())


@pytest.mark.parametrize(
    ("http", "allowed"),
    [
        (401, {grpc.StatusCode.UNAUTHENTICATED}),
        (403, {grpc.StatusCode.PERMISSION_DENIED}),
        (404, {grpc.StatusCode.NOT_FOUND}),
        (409, {grpc.StatusCode.ABORTED, grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.ALREADY_EXISTS}),
        (413, {grpc.StatusCode.RESOURCE_EXHAUSTED}),
        (422, {grpc.StatusCode.INVALID_ARGUMENT}),
        (429, {grpc.StatusCode.RESOURCE_EXHAUSTED}),
        (500, {grpc.StatusCode.INTERNAL}),
        (503, {grpc.StatusCode.UNAVAILABLE}),
        (504, {grpc.StatusCode.DEADLINE_EXCEEDED}),
        (507, {grpc.StatusCode.UNAVAILABLE}),
    ],
)
def test_http_and_grpc_agree_as_published(http, allowed):
    assert {status.grpc for status in STATUSES.values() if status.http == http} == allowed

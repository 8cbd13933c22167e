import pytest

from clipzy_server.api.paging import page_request
from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.domain.page import PageRequest


@pytest.mark.parametrize(
    ("sent", "meant"), [((0, 0), PageRequest(1, 10)), ((3, 0), PageRequest(3, 10)), ((0, 100), PageRequest(1, 100))]
)
def test_zero_stands_for_the_default(sent, meant):
    assert page_request(*sent) == meant


@pytest.mark.parametrize(
    ("page", "page_size", "field"), [(-1, 0, "page:"), (1, 101, "page_size:"), (1, -1, "page_size:")]
)
def test_what_is_out_of_range_is_named(page, page_size, field):
    with pytest.raises(Invalid) as caught:
        page_request(page, page_size)
    assert caught.value.code is ErrorCode.VALIDATION_ERROR
    assert field in caught.value.detail

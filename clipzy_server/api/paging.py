"""Page numbers as they come over the wire → a request for a page."""

from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.domain.page import PageRequest

_MAX_PAGE_SIZE = 100


def page_request(page: int, page_size: int) -> PageRequest:
    """0 stands for the default. Raises Invalid when `page` < 1 or `page_size` is outside 1…100."""
    default = PageRequest()
    page, page_size = page or default.page, page_size or default.page_size
    if page < 1:
        raise Invalid(ErrorCode.VALIDATION_ERROR, "Invalid page", f"page: {page} is below 1")
    if not 1 <= page_size <= _MAX_PAGE_SIZE:
        raise Invalid(
            ErrorCode.VALIDATION_ERROR, "Invalid page size", f"page_size: {page_size} is not in 1…{_MAX_PAGE_SIZE}"
        )
    return PageRequest(page, page_size)

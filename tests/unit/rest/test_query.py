from enum import StrEnum

import pytest

from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.domain.page import PageRequest
from clipzy_server.rest.query import choice_of, page_of, query_of


class Color(StrEnum):
    RED = "red"


class Asked:
    """The metadata of one call."""

    def __init__(self, path):
        self._path = path

    def invocation_metadata(self):
        return (("x-envoy-original-path", self._path),)


def test_known_parameters_are_decoded():
    assert query_of(Asked("/jobs?page=%32&with=a%20b"), "page", "with") == {"page": "2", "with": "a b"}


@pytest.mark.parametrize(
    ("query", "named"), [("pge=1", "pge"), ("page=1&page=2", "page"), ("=", ""), ("%ff=1", "query"), ("Page=1", "Page")]
)
def test_unknown_repeated_and_unreadable_parameters_are_refused(query, named):
    with pytest.raises(Invalid) as refusal:
        query_of(Asked(f"/jobs?{query}"), "page")
    assert refusal.value.code == ErrorCode.VALIDATION_ERROR
    assert named in refusal.value.detail


def test_pages_have_the_published_defaults():
    assert page_of({}) == PageRequest(page=1, page_size=10)
    assert page_of({"page": "7", "page_size": "100"}) == PageRequest(7, 100)


@pytest.mark.parametrize("value", ["", "0", "-1", "+1", "1.5", "abc", "101", "١", "9" * 30])
def test_a_page_size_outside_1_to_100_is_refused_by_name(value):
    with pytest.raises(Invalid) as refusal:
        page_of({"page_size": value})
    assert refusal.value.detail.startswith("page_size:")


def test_a_choice_is_one_of_the_values():
    assert choice_of({"c": "red"}, "c", Color) is Color.RED
    assert choice_of({}, "c", Color) is None
    with pytest.raises(Invalid, match="parameter") as refusal:
        choice_of({"c": "RED"}, "c", Color)
    assert refusal.value.detail == "c: must be one of red."

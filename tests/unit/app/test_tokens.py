from datetime import timedelta

import pytest

from clipzy_server.app.tokens import parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("15m", 900), ("12h", 43_200), ("30d", 2_592_000), ("0s", 0)]
)
def test_a_duration_is_a_number_and_a_unit(text, seconds):
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "d", "-1d", "1.5h", "1w", "1 d", "٣d", "1d2h", "9999999999"])
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="no duration"):
        parse_duration(text)

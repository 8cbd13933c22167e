import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clipzy_server.usecases.filenames import shown_name, stored_name

names = st.text(max_size=400) | st.from_regex(r"[./\\~ -]*(\w| ){0,300}\.(mp4|MOV|x{20})", fullmatch=True)


@given(names)
def test_no_name_leaves_its_folder_or_breaks_a_header(sent: str) -> None:
    shown = shown_name(sent)
    assert 1 <= len(shown) <= 255
    assert not re.search(r"[/\\\x00-\x1f\x7f]", shown)
    assert shown.strip(".")


@given(names)
def test_a_stored_name_is_one_plain_path_segment(sent: str) -> None:
    stored = stored_name(shown_name(sent))
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,149}", stored)


@pytest.mark.parametrize("honest", ["my_video.mp4", "vidéo – 影片 🎬.mp4", "my  clip (1).mp4", "clip", ".config.mp4"])
def test_an_honest_name_is_shown_as_sent(honest: str) -> None:
    assert shown_name(honest) == honest


@pytest.mark.parametrize(
    ("sent", "shown"),
    [("../../x.mp4", "x.mp4"), ("..\\..\\x.mp4", "x.mp4"), ("/etc/passwd.mp4", "passwd.mp4"), ("..", "video")],
)
def test_only_the_last_part_of_a_path_counts(sent: str, shown: str) -> None:
    assert shown_name(sent) == shown


def test_a_long_name_keeps_its_extension() -> None:
    assert shown_name("n" * 296 + ".mp4") == "n" * 251 + ".mp4"
    assert stored_name("n" * 250 + ".mp4") == "n" * 146 + ".mp4"


def test_a_plain_name_is_stored_as_it_is() -> None:
    assert stored_name("my_video.mp4") == "my_video.mp4"

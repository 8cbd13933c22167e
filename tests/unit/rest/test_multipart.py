from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.rest.multipart import MultipartReader, PartData, PartEnded, PartStarted

BOUNDARY = "b-0"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"

# Near misses of the delimiter are the hard part of this format.
NEAR_MISSES = st.sampled_from([b"\r\n", b"\r", b"-", b"--", b"\r\n--b-", b"\r\n--b", b"\n--b-0", b"--b-0", b"x", b"\0"])
CONTENTS = st.one_of(st.binary(max_size=60), st.lists(NEAR_MISSES, max_size=12).map(b"".join)).filter(
    lambda content: b"\r\n--b-0" not in b"\r\n" + content
)
UNTIMED = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
NAMES = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters='"\\;='), min_size=1, max_size=12)
PARTS = st.lists(st.tuples(NAMES, st.none() | NAMES, CONTENTS), max_size=5)


def encode(parts) -> bytes:
    body = b""
    for name, filename, content in parts:
        more = "" if filename is None else f'; filename="{filename}"'
        body += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode()
        body += content + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


def decode(chunks):
    reader, parts = MultipartReader(CONTENT_TYPE), []
    for chunk in chunks:
        for event in reader.feed(chunk):
            if isinstance(event, PartStarted):
                parts.append([event.name, event.filename, b"", False])
            elif isinstance(event, PartData):
                parts[-1][2] += event.data
            else:
                assert isinstance(event, PartEnded)
                parts[-1][3] = True
    reader.finish()
    return parts


@UNTIMED
@given(parts=PARTS, cuts=st.lists(st.integers(min_value=0, max_value=600), max_size=12))
def test_parts_come_out_as_they_went_in_however_the_body_is_cut(parts, cuts):
    body = encode(parts)
    places = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    chunks = [body[start:end] for start, end in pairwise(places)]
    assert decode(chunks) == [[name, filename, content, True] for name, filename, content in parts]


@UNTIMED
@given(parts=PARTS, missing=st.integers(min_value=3, max_value=200))
def test_a_body_that_is_cut_off_never_passes_for_a_whole_one(parts, missing):
    body = encode(parts)
    with pytest.raises(Invalid) as refusal:
        decode([body[: max(0, len(body) - missing)]])
    assert refusal.value.code == ErrorCode.VALIDATION_ERROR


def test_one_chunk_gives_one_piece_of_a_part():
    reader = MultipartReader(CONTENT_TYPE)
    head = encode([("file", "a", b"")])[: -len(b"\r\n--b-0--\r\n")]
    reader.feed(head)
    assert reader.feed(b"\r\r\r\r-\r\n-\r\r--") == [PartData(b"\r\r\r\r-\r\n-\r\r--")]


@pytest.mark.parametrize(
    "head",
    [
        b"X: y\r\n\r\n",
        b"Content-Disposition: attachment; name=a\r\n\r\n",
        b"Content-Disposition: form-data\r\n\r\n",
        b'Content-Disposition: form-data; name="\xff"\r\n\r\n',
        b"X: " + b"y" * 10_000 + b"\r\n\r\n",
        b"X: y\r\n" * 20 + b"\r\n",
    ],
)
def test_a_part_without_a_readable_name_or_with_huge_headers_is_refused(head):
    with pytest.raises(Invalid) as refusal:
        MultipartReader(CONTENT_TYPE).feed(b"--b-0\r\n" + head)
    assert refusal.value.code == ErrorCode.VALIDATION_ERROR


@pytest.mark.parametrize("content_type", ["", "application/json", "multipart/mixed; boundary=a"])
def test_another_content_type_is_refused(content_type):
    with pytest.raises(Invalid) as refusal:
        MultipartReader(content_type)
    assert refusal.value.code == ErrorCode.UNSUPPORTED_MEDIA_TYPE


@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary=" + "x" * 71])
def test_a_boundary_is_1_to_70_characters(boundary):
    with pytest.raises(Invalid) as refusal:
        MultipartReader("multipart/form-data" + boundary)
    assert refusal.value.code == ErrorCode.VALIDATION_ERROR

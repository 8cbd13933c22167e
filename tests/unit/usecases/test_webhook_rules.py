import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.usecases.webhook_rules import check_webhook_url

PRIVATE = [
    "http://localhost/x",
    "http://LOCALHOST./x",
    "http://app.localhost/x",
    "http://127.0.0.1:8000/",
    "http://127.1/",
    "http://0x7f000001/",
    "http://2130706433/",
    "http://017700000001/",
    "http://[::1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://10.0.0.1/",
    "http://172.16.3.4/",
    "http://192.168.0.1/",
    "http://169.254.169.254/latest/meta-data",
    "http://100.64.0.1/",
    "http://0.0.0.0/",
    "http://[fe80::1%25eth0]/",
    "http://[fd00::1]/",
    "http://metadata.google.internal/",
]
MALFORMED = [
    "hello",
    "ftp://example.com/x",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "http://",
    "https:///path",
    "http://user:secret@example.com/",
    "http://example.com:99999/",
    "http://[::1/",
    "http://exa mple.com/",
    "http://example.com/\r\nx: y",
    "https://example.com/" + "x" * 2048,
]


@pytest.mark.parametrize("url", [*PRIVATE, *MALFORMED])
def test_a_url_that_is_no_public_one_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_webhook_url(url, allow_private=False)
    assert refused.value.code is ErrorCode.VALIDATION_ERROR
    assert "webhook_url" in refused.value.detail


@pytest.mark.parametrize("url", PRIVATE)
def test_private_addresses_are_taken_where_they_are_allowed(url: str) -> None:
    check_webhook_url(url, allow_private=True)


@pytest.mark.parametrize("url", MALFORMED)
def test_a_malformed_url_is_never_taken(url: str) -> None:
    with pytest.raises(Invalid):
        check_webhook_url(url, allow_private=True)


@pytest.mark.parametrize(
    "url", ["https://example.com/webhook", "http://93.184.215.14:8080/a?b=c", "https://[2606:2800::1]/"]
)
def test_public_urls_are_taken(url: str) -> None:
    check_webhook_url(url, allow_private=False)


@given(st.ip_addresses().filter(lambda address: not address.is_global))
def test_no_literal_private_address_passes(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    host = f"[{address}]" if address.version == 6 else str(address)
    with pytest.raises(Invalid):
        check_webhook_url(f"http://{host}/", allow_private=False)

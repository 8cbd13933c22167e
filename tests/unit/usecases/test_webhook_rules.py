import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.usecases.webhook_rules import check_webhook_url, is_public

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
    "http://metadata/",
    "http://0177.0.0.1/",
    "http://0x7f.1/",
    "http://0/",
    "http://127.0.0.1./",
    "http://[::]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001::1]/",
    "http://[3fff::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://printer.local/",
    "http://db.localdomain/",
    "http://nas.home.arpa/",
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
    "http://example.com:0/",
    "http://canary.example@127.0.0.1/",
    "http://%31%32%37.0.0.1/",
    "http://127.0.0.1%2f.example.com/",
    "http://127.0.0.1\\@example.com/",
    "http://bücher.example/",
    "http://127。0。0。1/",
    "http://exa..mple.com/",
    "http://" + "a" * 64 + ".com/",
    "http://" + "a.b" * 90 + ".com/",
    "http://exa*mple.com/",
    "http://[v1.a]/",
    "http://example.com/\x7f",
    "HTTPS+http://example.com/",
    "//example.com/",
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
    "url",
    [
        "https://example.com/webhook",
        "HTTPS://EXAMPLE.COM./webhook",
        "https://xn--bcher-kva.example/",
        "https://my_hooks.example.com/",
        "http://93.184.215.14:8080/a?b=c",
        "https://[2606:2800::1]/",
        "http://[64:ff9b::5db8:d70e]/",
        "http://[::ffff:93.184.215.14]/",
    ],
)
def test_public_urls_are_taken(url: str) -> None:
    check_webhook_url(url, allow_private=False)


@given(st.ip_addresses().filter(lambda address: not address.is_global))
def test_no_literal_private_address_passes(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    host = f"[{address}]" if address.version == 6 else str(address)
    with pytest.raises(Invalid):
        check_webhook_url(f"http://{host}/", allow_private=False)


@given(st.ip_addresses(v=4).filter(lambda address: not address.is_global))
def test_an_ipv6_address_that_stands_for_a_private_one_is_private(address: ipaddress.IPv4Address) -> None:
    for prefix in ("::ffff:0:0", "64:ff9b::", "::", "::ffff:0:0:0"):
        assert not is_public(ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) + int(address)))
    assert not is_public(ipaddress.IPv6Address((0x2002 << 112) + (int(address) << 80)))

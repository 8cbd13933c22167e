"""Which webhook URLs are taken, and which addresses are public.

A URL is refused when it is given if its host is literally a private one. What a name resolves to is found out at each
delivery, by the same `is_public`.
"""

import ipaddress
import re
import socket
from contextlib import suppress
from urllib.parse import urlsplit

from clipzy_server.domain.errors import ErrorCode, Invalid

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_MAX_CHARACTERS = 2048
_MAX_NAME_CHARACTERS = 253
# Other scripts come as punycode ("xn--…"); an underscore is no host name, but resolvers take it.
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?", re.ASCII)
_PRIVATE_SUFFIXES = (".localhost", ".localdomain", ".local", ".internal", ".home.arpa")
# All public IPv6 addresses lie in 2000::/3; this also keeps out ::127.0.0.1, site-local ones and what is not given out.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_DOCUMENTATION = ipaddress.IPv6Network("3fff::/20")


def check_webhook_url(url: str, *, allow_private: bool) -> None:
    """Raises Invalid (VALIDATION_ERROR) unless `url` is http(s) and its host is not literally a private one."""
    if len(url) > _MAX_CHARACTERS or not url.isascii() or not all(0x20 < ord(letter) < 0x7F for letter in url):
        raise _refused("must be at most 2048 printable ASCII characters")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise _refused("is not a URL") from error
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise _refused("must begin with http:// or https:// and name a host")
    if "@" in parts.netloc or "\\" in url:
        raise _refused("must not carry credentials")
    if not _is_host(host, bracketed="[" in parts.netloc):
        raise _refused("must name a host by its name or address")
    if not allow_private and _is_private(host.rstrip(".")):
        raise _refused("must lead to a public address")


def is_public(address: IpAddress) -> bool:
    """Can the address be that of a machine on the Internet? An IPv6 address that stands for an IPv4 one is as that."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address in _NAT64:
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if inner is not None:
        return is_public(inner)
    return address in _GLOBAL_UNICAST and address.is_global and address not in _DOCUMENTATION


def _is_host(host: str, *, bracketed: bool) -> bool:
    if bracketed:
        return ":" in host and _literal_address(host) is not None
    return len(host) <= _MAX_NAME_CHARACTERS and _NAME.fullmatch(host) is not None


def _is_private(host: str) -> bool:
    address = _literal_address(host)
    if address is not None:
        return not is_public(address)
    # A name of one label is looked up in the machine's own domain, or is the machine itself.
    return "." not in host or host.endswith(_PRIVATE_SUFFIXES)


def _literal_address(host: str) -> IpAddress | None:
    with suppress(ValueError):
        return ipaddress.ip_address(host.split("%", maxsplit=1)[0])
    with suppress(OSError):
        # What the C library dials for 127.1, 0x7f000001 and 017700000001.
        return ipaddress.IPv4Address(socket.inet_aton(host))
    return None


def _refused(why: str) -> Invalid:
    return Invalid(ErrorCode.VALIDATION_ERROR, "Invalid webhook URL", f"webhook_url {why}.")

"""Which webhook URLs are taken. Names that resolve to private addresses are found out at delivery."""

import ipaddress
import socket
from contextlib import suppress
from urllib.parse import urlsplit

from clipzy_server.domain.errors import ErrorCode, Invalid

_MAX_CHARACTERS = 2048
_PRIVATE_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost")
_PRIVATE_SUFFIXES = (".localhost", ".local", ".internal")


def check_webhook_url(url: str, *, allow_private: bool) -> None:
    """Raises Invalid (VALIDATION_ERROR) unless `url` is http(s) and its host is not literally a private one."""
    if len(url) > _MAX_CHARACTERS or not url.isascii() or any(ord(letter) <= 0x20 for letter in url):
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
    if not allow_private and _is_private(host.rstrip(".")):
        raise _refused("must lead to a public address")


def _is_private(host: str) -> bool:
    if host in _PRIVATE_NAMES or host.endswith(_PRIVATE_SUFFIXES):
        return True
    address = _literal_address(host)
    if address is None:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return any(not one.is_global or one.is_multicast for one in (address, mapped) if one is not None)


def _literal_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    with suppress(ValueError):
        return ipaddress.ip_address(host.split("%", maxsplit=1)[0])
    with suppress(OSError):
        # What the C library dials for 127.1, 0x7f000001 and 017700000001.
        return ipaddress.IPv4Address(socket.inet_aton(host))
    return None


def _refused(why: str) -> Invalid:
    return Invalid(ErrorCode.VALIDATION_ERROR, "Invalid webhook URL", f"webhook_url {why}.")

"""The way out to addresses that callers name: every one is checked, and the checked one is dialled.

The name is looked up once a connection, here, and the connection goes to the very address that was checked: a name that
shows another address the next time gains nothing. TLS still asks for the certificate of the name.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import httpcore
from typing_extensions import override

from clipzy_server.usecases.webhook_rules import is_public

_DIAL_TIMEOUT_S = 5.0
"""What one of several addresses may take, so that the next has its turn within a try."""

_LOOKUPS_AT_ONCE = 64

Resolve = Callable[[str], Awaitable[tuple[str, ...]]]
"""All addresses of a name, in the order to try them; raises OSError when it has none."""


class PrivateAddress(httpcore.ConnectError):
    """The name leads to an address that is not public."""


class Resolver:
    """The system's own resolver, on threads of its own: a name server that hangs holds up nothing but lookups."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_LOOKUPS_AT_ONCE, thread_name_prefix="clipzy-lookup")

    async def __call__(self, name: str) -> tuple[str, ...]:
        """Addresses of a name, or the one that it is."""
        found = await asyncio.get_running_loop().run_in_executor(self._threads, _look_up, name)
        return tuple(dict.fromkeys(found))

    def close(self) -> None:
        """Take no more lookups; those that hang are left to themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """TCP to public addresses only, unless private ones are allowed."""

    def __init__(
        self, resolve: Resolve, *, allow_private: bool, network: httpcore.AsyncNetworkBackend | None = None
    ) -> None:
        self._resolve = resolve
        self._allow_private = allow_private
        self._network = network or httpcore.AnyIOBackend()

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises PrivateAddress when any address of the host is private, OSError or ConnectError when none answers."""
        addresses = await self._resolve(host)
        if not self._allow_private and not all(is_public(ipaddress.ip_address(one)) for one in addresses):
            raise PrivateAddress(host)
        for address in addresses[:-1]:
            try:
                return await self._network.connect_tcp(address, port, _DIAL_TIMEOUT_S)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._network.connect_tcp(addresses[-1], port, timeout)


def _look_up(name: str) -> list[str]:
    # As bytes the name is taken as it is; as text Python would encode it first, and fail on odd ones.
    found = socket.getaddrinfo(name.encode("ascii"), None, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]

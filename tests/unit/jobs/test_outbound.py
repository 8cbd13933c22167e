"""The way out, with name servers that tell what a test wants and a stand-in for the Internet behind them."""

import httpcore
import pytest
from typing_extensions import override

from clipzy_server.jobs.outbound import CheckedNetwork, PrivateAddress, Resolver
from tests.receivers import Receiver

PUBLIC, ANOTHER_PUBLIC = "93.184.215.14", "2606:2800::1"


class Names:
    """A resolver that gives the next of its answers at each look-up."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self.answers = list(answers)

    async def __call__(self, name: str) -> tuple[str, ...]:
        return self.answers.pop(0)


class SmallInternet(httpcore.AsyncNetworkBackend):
    """Leads every address but the `dead` ones to the same port of this machine, and remembers what was dialled."""

    def __init__(self, port: int, dead: tuple[str, ...] = ()) -> None:
        self.port = port
        self.dead = dead
        self.dialled: list[str] = []

    @override
    async def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        self.dialled.append(host)
        if host in self.dead:
            raise httpcore.ConnectError("no route")
        return await httpcore.AnyIOBackend().connect_tcp("127.0.0.1", self.port, timeout)


@pytest.fixture
async def internet():
    async with Receiver().running() as receiver:
        yield SmallInternet(receiver.port)


async def dial(network: CheckedNetwork, host: str = "hooks.example.com") -> None:
    stream = await network.connect_tcp(host, 80, 5.0)
    await stream.aclose()


async def test_the_address_that_was_checked_is_the_one_dialled(internet):
    names = Names((PUBLIC,), ("127.0.0.1",))
    network = CheckedNetwork(names, allow_private=False, network=internet)
    await dial(network)
    assert (internet.dialled, len(names.answers)) == ([PUBLIC], 1)
    with pytest.raises(PrivateAddress):
        await dial(network)
    assert (internet.dialled, len(names.answers)) == ([PUBLIC], 0)


@pytest.mark.parametrize("private", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fe80::1%lo", "::ffff:7f00:1"])
async def test_one_private_address_among_public_ones_is_enough_to_refuse(internet, private):
    network = CheckedNetwork(Names((PUBLIC, private), (private, PUBLIC)), allow_private=False, network=internet)
    for _ in range(2):
        with pytest.raises(PrivateAddress):
            await dial(network)
    assert internet.dialled == []


async def test_the_next_address_has_its_turn_when_one_is_dead(internet):
    internet.dead = (ANOTHER_PUBLIC,)
    await dial(CheckedNetwork(Names((ANOTHER_PUBLIC, PUBLIC)), allow_private=False, network=internet))
    assert internet.dialled == [ANOTHER_PUBLIC, PUBLIC]


async def test_private_addresses_are_dialled_where_they_are_allowed(internet):
    await dial(CheckedNetwork(Names(("127.0.0.1",)), allow_private=True, network=internet))
    assert internet.dialled == ["127.0.0.1"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433", "::1"])
async def test_no_spelling_of_this_machine_gets_past_the_real_resolver(internet, host):
    resolver = Resolver()
    with pytest.raises(PrivateAddress):
        await dial(CheckedNetwork(resolver, allow_private=False, network=internet), host)
    resolver.close()
    assert internet.dialled == []


@pytest.mark.parametrize("host", ["nothing.invalid", "a" * 64 + ".invalid"])
async def test_a_name_without_an_address_is_an_error_of_the_system(host):
    resolver = Resolver()
    with pytest.raises(OSError, match=r"known|service"):
        await resolver(host)
    resolver.close()

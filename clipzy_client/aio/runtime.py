"""What asyncio does in its own way: sleeping, blocking work, opening a channel."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import grpc

from clipzy_client.connection import CHANNEL_OPTIONS, Address

P = ParamSpec("P")
T = TypeVar("T")

AsyncChannel = grpc.aio.Channel
sleep = asyncio.sleep


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs what may block beside the event loop."""
    return await asyncio.to_thread(function, *args, **kwargs)


def open_channel(address: Address) -> AsyncChannel:
    """A channel to the server; it dials when the first call is made."""
    if address.tls:
        return grpc.aio.secure_channel(address.target, grpc.ssl_channel_credentials(), CHANNEL_OPTIONS)
    return grpc.aio.insecure_channel(address.target, CHANNEL_OPTIONS)


async def close_channel(channel: AsyncChannel) -> None:
    """Ends the calls under way, and the connection."""
    await channel.close(None)

"""What blocking code does in its own way: sleeping, blocking work, opening a channel."""

import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import grpc

from clipzy_client.connection import CHANNEL_OPTIONS, Address

P = ParamSpec("P")
T = TypeVar("T")

Channel = grpc.Channel
sleep = time.sleep


def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs it here: whoever calls may be blocked."""
    return function(*args, **kwargs)


def open_channel(address: Address) -> Channel:
    """A channel to the server; it dials when the first call is made."""
    if address.tls:
        return grpc.secure_channel(address.target, grpc.ssl_channel_credentials(), CHANNEL_OPTIONS)
    return grpc.insecure_channel(address.target, CHANNEL_OPTIONS)


def close_channel(channel: Channel) -> None:
    """Ends the calls under way, and the connection."""
    channel.close()

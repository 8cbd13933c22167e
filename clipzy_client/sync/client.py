"""The client: one channel, one token, and a namespace for each thing."""

import dataclasses
from types import TracebackType
from typing import Self

from clipzy.v1 import health_service_pb2, health_service_pb2_grpc, usage_service_pb2, usage_service_pb2_grpc
from clipzy_client.sync.calls import Calls
from clipzy_client.sync.jobs import Jobs
from clipzy_client.sync.runtime import Channel, close_channel, open_channel
from clipzy_client.sync.styles import Styles
from clipzy_client.sync.videos import Videos
from clipzy_client.sync.webhooks import Webhooks
from clipzy_client.connection import Address, Patience, token_of
from clipzy_client.convert import health_from, usage_from
from clipzy_client.types import Health, Usage


class Clipzy:
    """Use as `with Clipzy("127.0.0.1:8000", token) as clipzy:`. Every call may raise `ClipzyError`.

    `server` is host:port, or a URL whose `https` means TLS; left out, CLIPZY_SERVER and CLIPZY_TOKEN are taken. A token
    `@FILE` stands for what is in the file.
    """

    def __init__(
        self, server: str | None = None, token: str | None = None, *, patience: Patience | None = None
    ) -> None:
        secret = token_of(token)
        metadata = (("authorization", f"Bearer {secret}"),) if secret else ()
        self._equip(Calls(open_channel(Address.of(server)), metadata, patience or Patience()))

    def _equip(self, calls: Calls) -> None:
        self._calls = calls
        self.videos = Videos(calls)
        self.jobs = Jobs(calls)
        self.styles = Styles(calls)
        self.webhooks = Webhooks(calls)
        self._healths = health_service_pb2_grpc.HealthServiceStub(calls.channel)  # type: ignore[no-untyped-call]
        self._usages = usage_service_pb2_grpc.UsageServiceStub(calls.channel)  # type: ignore[no-untyped-call]

    @property
    def channel(self) -> Channel:
        """The gRPC channel, for the generated stubs of `clipzy.v1`."""
        return self._calls.channel

    def with_patience(self, patience: Patience) -> Self:
        """The same client on the same channel, with other deadlines and tries. Close only one of them."""
        other = object.__new__(type(self))
        other._equip(dataclasses.replace(self._calls, patience=patience))
        return other

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the channel; calls under way end."""
        close_channel(self._calls.channel)

    def health(self) -> Health:
        """How well the server is; needs no token."""
        return health_from(self._calls.answer(self._healths.CheckHealth, health_service_pb2.CheckHealthRequest()))

    def usage(self) -> Usage:
        """The owner's quotas, and what is used of them."""
        answer = self._calls.answer(self._usages.GetUsage, usage_service_pb2.GetUsageRequest())
        return usage_from(answer.usage)

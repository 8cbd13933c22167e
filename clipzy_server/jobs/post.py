"""One try to deliver a webhook: a signed POST, and what came of it."""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import httpcore
from standardwebhooks import Webhook

from clipzy_server import __version__
from clipzy_server.domain.trace import SpanKind, Tracer, Untraced
from clipzy_server.domain.webhook import DeliveryAttempt
from clipzy_server.jobs.outbound import PrivateAddress

TIMEOUT_S = 15.0
_MOST_ANSWER_BYTES = 64 * 1024

_FAILURES = (
    OSError,  # TimeoutError and the resolver's errors among them
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
)


@dataclass(frozen=True, slots=True)
class Message:
    """A webhook ready to be signed: once with each of the `secrets` (`whsec_…`), so that any of them can verify it.

    `traceparent` is the span that it belongs to.
    """

    message_id: str
    body: bytes
    secrets: Sequence[str]
    traceparent: str | None = None


class Post:
    """Sends messages, each on a connection of its own; no redirect is followed."""

    def __init__(
        self,
        network: httpcore.AsyncNetworkBackend,
        *,
        timeout_s: float = TIMEOUT_S,
        tls: ssl.SSLContext | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        self._network = network
        self._timeout_s = timeout_s
        self._tls = tls or httpcore.default_ssl_context()
        self._tracer = tracer or Untraced()

    async def send(self, url: str, message: Message) -> DeliveryAttempt:
        """The try, whatever came of it. Once the status has come it counts, though the rest of the answer may not."""
        with self._tracer.span("webhook", SpanKind.CLIENT, message.traceparent) as span:
            attempt = await self._try(url, message, span.traceparent)
            span.attributes |= {"clipzy.delivery_id": message.message_id, "http.request.method": "POST"}
            if attempt.status is not None:
                span.attributes["http.response.status_code"] = attempt.status
            span.failure = None if attempt.is_success else attempt.error or str(attempt.status)
        return attempt

    async def _try(self, url: str, message: Message, traceparent: str | None) -> DeliveryAttempt:
        at = datetime.now(UTC)
        status = None
        try:
            async with asyncio.timeout(self._timeout_s), self._connection() as connection:
                headers = signed_headers(message, at)
                if traceparent is not None:
                    headers["traceparent"] = traceparent
                async with connection.stream("POST", url, headers=headers, content=message.body) as answer:
                    status = answer.status
                    await _take_in(answer)
        except _FAILURES as failure:
            if status is None:
                return DeliveryAttempt(at, None, _reason(failure))
        return DeliveryAttempt(at, status, None)

    def _connection(self) -> httpcore.AsyncConnectionPool:
        return httpcore.AsyncConnectionPool(
            ssl_context=self._tls, max_connections=1, max_keepalive_connections=0, network_backend=self._network
        )


def signed_headers(message: Message, at: datetime) -> dict[bytes | str, bytes | str]:
    """The headers of Standard Webhooks, one signature a secret."""
    body = message.body.decode()
    signatures = [Webhook(secret).sign(message.message_id, at, body) for secret in message.secrets]
    return {
        "content-type": "application/json",
        "user-agent": f"Clipzy/{__version__}",
        "webhook-id": message.message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


async def _take_in(answer: httpcore.Response) -> None:
    """Read what a decent receiver answers, so that it need not see its line cut; no more."""
    taken = 0
    async for chunk in answer.aiter_stream():
        taken += len(chunk)
        if taken > _MOST_ANSWER_BYTES:
            return


def _reason(failure: Exception) -> str:
    """What the owner learns of it."""
    if isinstance(failure, PrivateAddress):
        return "The address is not public."
    if isinstance(failure, socket.gaierror):
        return "The host name has no address."
    if isinstance(failure, TimeoutError | httpcore.TimeoutException):
        return "No answer came in time."
    if isinstance(failure, httpcore.ProtocolError):
        return "No HTTP answer came."
    if failure.args and isinstance(failure.args[0], ssl.SSLError):
        return "The TLS handshake failed."
    return "The connection failed."

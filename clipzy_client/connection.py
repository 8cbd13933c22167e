"""Where the server is, who asks, and how patient the client is."""

import os
import random
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from clipzy_client.errors import ClipzyError, DeadlineExceeded, InsufficientStorage, RateLimited, Unavailable

DEFAULT_SERVER = "127.0.0.1:8000"

CHANNEL_OPTIONS = (
    ("grpc.max_receive_message_length", 64 << 20),
    # A line that died in silence is noticed within 40 s.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
    # The channel itself dials a server again that was away; its own pauses would grow to two minutes.
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 2_000),
)


@dataclass(frozen=True)
class Address:
    """A gRPC target, and whether it is spoken to over TLS."""

    target: str
    tls: bool

    @classmethod
    def of(cls, server: str | None) -> "Address":
        """`host:port`, `http://host[:port]`, `https://host[:port]` or `unix:/path`; by default CLIPZY_SERVER's."""
        server = server or os.environ.get("CLIPZY_SERVER") or DEFAULT_SERVER
        if "://" not in server:
            return cls(server, tls=False)
        url = urlsplit(server)
        if url.scheme not in ("http", "https") or not url.hostname or url.path.strip("/"):
            raise ValueError(f"{server!r} is neither host:port nor http(s)://host[:port]")
        tls = url.scheme == "https"
        host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
        return cls(f"{host}:{url.port or (443 if tls else 80)}", tls)


def token_of(token: str | None) -> str | None:
    """The token, by default CLIPZY_TOKEN's; `@FILE` stands for what is in that file. Raises OSError for that file."""
    token = token or os.environ.get("CLIPZY_TOKEN") or None
    if token is not None and token.startswith("@"):
        token = Path(token[1:]).read_text().strip()
    return token


@dataclass(frozen=True)
class Patience:
    """How long a call may take, how often it is tried, and the pauses between.

    `timeout_s` is for a whole call with its tries; uploads, downloads and watching are not limited by it, they end when
    `stream_tries` tries in a row came no further.
    """

    timeout_s: float = 60.0
    tries: int = 5
    stream_tries: int = 20
    first_pause_s: float = 0.25
    longest_pause_s: float = 8.0

    def pause_s(self, tried: int, error: ClipzyError | None = None) -> float:
        """The pause after `tried` (≥ 1) tries: it doubles, with jitter, and is at least what the server asks for."""
        longest = min(self.first_pause_s * 2.0 ** min(tried - 1, 16), self.longest_pause_s)
        pause = longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads callers, keeps no secret
        return max(pause, (error.retry_after_s or 0.0) if error else 0.0)


# Statuses of gRPC's own, with no word of the server: somebody in between ended the call.
_BROKEN_LINE = ("INTERNAL", "UNKNOWN", "CANCELLED", "ABORTED")


def may_repeat(error: ClipzyError, *, repeatable: bool) -> bool:
    """Whether the same call may succeed later; `repeatable`: doing it twice does no harm."""
    if isinstance(error, RateLimited):
        return True
    if not repeatable or isinstance(error, InsufficientStorage):
        return False
    if isinstance(error, DeadlineExceeded):
        return False
    return isinstance(error, Unavailable) or error.code in _BROKEN_LINE

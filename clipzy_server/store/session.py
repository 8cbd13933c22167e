"""One connection to PostgreSQL, which is a process there, and how long it may rest."""

import math
import random
import time

import asyncpg

_RESTS_S = (11.0, 21.0)
_MARGIN_S = 1.0
_CONNECT_TIMEOUT_S = 10.0
KEEPALIVES = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    # Nothing is probed while an answer waits to be acknowledged, ms.
    "tcp_user_timeout": "25000",
}
"""The server lets go of the locks of a machine that was cut off after half a minute, not after two hours."""


class Session(asyncpg.Connection):  # type: ignore[misc] # asyncpg's own is untyped
    """PostgreSQL ends it once it has rested for a time of its own.

    Not all of a rush end at once, then: the end of each one's process takes some milliseconds of a core.
    """

    __slots__ = ("_rested", "_rests_s")

    @classmethod
    async def open(cls, url: str) -> "Session":
        """Raises what asyncpg raises, OSError where nothing answers."""
        rests_s = random.uniform(*_RESTS_S)  # noqa: S311 - no secret
        # A role may be called like our schema, which PostgreSQL would then look through first.
        settings = {"search_path": "public", "idle_session_timeout": f"{rests_s * 1000:.0f}", **KEEPALIVES}
        session: Session = await asyncpg.connect(
            url, timeout=_CONNECT_TIMEOUT_S, server_settings=settings, connection_class=cls
        )
        session._rests_s = rests_s
        session._rested = math.inf
        return session

    def rest(self) -> None:
        """Nobody needs it from now on."""
        self._rested = time.monotonic()

    @property
    def is_spent(self) -> bool:
        """Its end has come or is near. A ping would take three round trips to tell."""
        return bool(self.is_closed()) or time.monotonic() - self._rested > self._rests_s - _MARGIN_S

"""Who is calling: tokens and their owners."""

import hashlib
import secrets
import time

from clipzy_server.domain.errors import Unauthorized
from clipzy_server.domain.ids import new_id
from clipzy_server.domain.owner import Owner
from clipzy_server.store import owners
from clipzy_server.store.database import Database

_TOKEN_PREFIX = "clipzy_"  # noqa: S105 - makes leaked tokens findable
_KNOWN_FOR_S = 5.0
_KNOWN_AT_MOST = 10_000


class Owners:
    """Tokens are 256 random bits; only their SHA-256 is stored."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Every request asks; a token that was good a moment ago needs no query.
        self._known: dict[str, tuple[float, Owner]] = {}
        self._anonymous: Owner | None = None

    async def authenticate(self, token: str) -> Owner:
        """The token's owner; raises Unauthorized."""
        sha256 = _sha256(token)
        known = self._known.get(sha256)
        now_s = time.monotonic()
        if known is not None and now_s < known[0]:
            return known[1]
        async with self._database.reading() as connection:
            owner = await owners.find_token_owner(connection, sha256)
        if owner is None:
            self._known.pop(sha256, None)
            raise Unauthorized
        if len(self._known) >= _KNOWN_AT_MOST:
            self._known.clear()
        self._known[sha256] = (now_s + _KNOWN_FOR_S, owner)
        return owner

    async def create_token(self, owner_name: str) -> str:
        """A new token of the owner of this name, who is added when there is none. It is shown here only."""
        token = _TOKEN_PREFIX + secrets.token_urlsafe(32)
        await self.add_token(owner_name, token)
        return token

    async def add_token(self, owner_name: str, token: str) -> None:
        """Let a token that was made elsewhere act as the owner of this name. Repeating it changes nothing."""
        async with self._database.transaction() as connection:
            owner = await owners.ensure_owner(connection, Owner(new_id("own"), owner_name))
            await owners.insert_token(connection, owner.owner_id, _sha256(token))

    async def anonymous(self) -> Owner:
        """Whoever calls when authentication is off."""
        if self._anonymous is None:
            async with self._database.transaction() as connection:
                self._anonymous = await owners.ensure_owner(connection, Owner(new_id("own"), "anonymous"))
        return self._anonymous


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()

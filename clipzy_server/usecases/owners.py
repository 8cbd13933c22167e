"""Who is calling: the owner behind a token, and how far the token goes."""

import time

from clipzy_server.domain.errors import Unauthorized
from clipzy_server.domain.ids import new_id
from clipzy_server.domain.owner import Access, Owner, Scope, token_sha256
from clipzy_server.store import owners, tokens
from clipzy_server.store.database import Database

_KNOWN_FOR_S = 5.0
"""How long a token that was revoked can still be good to a process that has just seen it."""
_KNOWN_AT_MOST = 10_000


class Owners:
    """Answers for each call whom it is served for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Every request asks; a token that was good a moment ago needs no query.
        self._known: dict[str, tuple[float, Access]] = {}
        self._anonymous: Access | None = None

    async def authenticate(self, token: str) -> Access:
        """The token's owner and scope; raises Unauthorized for an unknown, expired or revoked one."""
        sha256 = token_sha256(token)
        known = self._known.get(sha256)
        now_s = time.monotonic()
        if known is not None and now_s < known[0]:
            return known[1]
        found = await tokens.find_access(self._database, sha256)
        if found is None:
            self._known.pop(sha256, None)
            raise Unauthorized
        access, left_s = found
        if len(self._known) >= _KNOWN_AT_MOST:
            self._known.clear()
        self._known[sha256] = (now_s + min(_KNOWN_FOR_S, left_s), access)
        return access

    async def anonymous(self) -> Access:
        """Whoever calls when authentication is off."""
        if self._anonymous is None:
            async with self._database.transaction() as connection:
                owner = await owners.ensure_owner(connection, Owner(new_id("own"), "anonymous"))
            self._anonymous = Access(owner, Scope.ADMIN)
        return self._anonymous

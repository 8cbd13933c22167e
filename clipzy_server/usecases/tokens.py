"""Tokens: make, list, revoke, rotate. Whoever runs the installation does this, never a caller."""

from dataclasses import dataclass
from datetime import timedelta

from clipzy_server.domain.ids import new_id
from clipzy_server.domain.owner import Owner, Scope, TokenRecord, new_token, token_sha256
from clipzy_server.store import owners, tokens
from clipzy_server.store.database import Database
from clipzy_server.store.tokens import NewToken


@dataclass(frozen=True, slots=True)
class Rotated:
    """A token's successor, and the SHA-256 of the one it takes the place of."""

    token: str
    replaced_sha256: str


class Tokens:
    """Tokens are 256 random bits; only their SHA-256 is stored. A change counts everywhere within seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, owner_name: str, scope: Scope = Scope.WRITE, lasts: timedelta | None = None) -> str:
        """A new token of the owner of this name, who is added when there is none. It is shown here only."""
        token = new_token()
        await self.add(owner_name, token, scope, lasts)
        return token

    async def add(self, owner_name: str, token: str, scope: Scope, lasts: timedelta | None = None) -> None:
        """Let a token that was made elsewhere act as the owner of this name. Repeating it changes nothing."""
        async with self._database.transaction() as connection:
            owner = await owners.ensure_owner(connection, Owner(new_id("own"), owner_name))
            added = NewToken(new_id("tok"), token_sha256(token), scope, lasts)
            await tokens.insert_token(connection, owner.owner_id, added)

    async def list(self, owner_name: str | None = None) -> tuple[TokenRecord, ...]:
        """Every token ever made, or one owner's; oldest first."""
        async with self._database.reading() as connection:
            return await tokens.list_tokens(connection, owner_name)

    async def revoke(self, token_id: str) -> bool:
        """End a token; False when no good one has this id."""
        async with self._database.transaction() as connection:
            return await tokens.revoke_token(connection, token_id)

    async def rotate(
        self, token_id: str, *, lasts: timedelta | None = None, overlap: timedelta = timedelta()
    ) -> Rotated | None:
        """A new token of the same owner and scope; the old one ends when `overlap` is over. None as `revoke` has False.

        `lasts` None: as long as the old one was made for.
        """
        token = new_token()
        async with self._database.transaction() as connection:
            found = await tokens.take_token(connection, token_id)
            if found is None:
                return None
            old, replaced_sha256 = found
            if lasts is None and old.expires_at is not None:
                lasts = old.expires_at - old.created_at
            fresh = NewToken(new_id("tok"), token_sha256(token), old.scope, lasts)
            await tokens.insert_token(connection, old.owner.owner_id, fresh)
            if overlap:
                await tokens.expire_token(connection, token_id, overlap)
            else:
                await tokens.revoke_token(connection, token_id)
        return Rotated(token, replaced_sha256)

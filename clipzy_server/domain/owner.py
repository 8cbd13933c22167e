"""Whoever things belong to, and what their tokens allow."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Scope(StrEnum):
    """What a token allows; each includes those before it."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    def includes(self, needed: "Scope") -> bool:
        """Is this scope enough where `needed` is asked for?"""
        return _BREADTH[self] >= _BREADTH[needed]


_BREADTH = {scope: breadth for breadth, scope in enumerate(Scope)}


@dataclass(frozen=True, slots=True)
class Owner:
    """Owners never see each other's things. `name` is for people, `owner_id` (`own_…`) for rows."""

    owner_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Access:
    """For whom a call is served, and how far it may go."""

    owner: Owner
    scope: Scope


class TokenState(StrEnum):
    """Whether a token is taken."""

    GOOD = "good"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """What is known of a token; not the token itself. Unless it expires or is revoked it lasts for ever."""

    token_id: str
    owner: Owner
    scope: Scope
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def state(self, now: datetime) -> TokenState:
        """What the token is at `now`, an instant with a time zone."""
        if self.revoked_at is not None:
            return TokenState.REVOKED
        is_over = self.expires_at is not None and self.expires_at <= now
        return TokenState.EXPIRED if is_over else TokenState.GOOD


_TOKEN_PREFIX = "clipzy_"  # noqa: S105
"""Makes leaked tokens findable."""


def new_token() -> str:
    """256 random bits, URL-safe."""
    return _TOKEN_PREFIX + secrets.token_urlsafe(32)


def token_sha256(token: str) -> str:
    """What is stored of a token, in hexadecimal digits."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()

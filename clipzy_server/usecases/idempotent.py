"""Creates that answer a repeated key with the first answer."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain import codec
from clipzy_server.domain.errors import Conflict, ErrorCode, Invalid
from clipzy_server.store import idempotency
from clipzy_server.store.database import Database
from clipzy_server.store.idempotency import FirstAnswer, IdempotencyKey

T = TypeVar("T")

_MAX_KEY_CHARACTERS = 255


@dataclass(frozen=True, slots=True)
class Once:
    """A create that happens once: who does what under which key (None: no key was sent), asking for `request`."""

    owner_id: str
    operation: str
    key: str | None
    request: Any
    ttl_s: float

    def stored_key(self) -> IdempotencyKey | None:
        """The key as kept; raises Invalid when it is malformed."""
        if self.key is None:
            return None
        if not 1 <= len(self.key) <= _MAX_KEY_CHARACTERS or not self.key.isprintable():
            raise Invalid(
                ErrorCode.VALIDATION_ERROR, "Invalid idempotency key", "Idempotency-Key: 1 to 255 printable characters."
            )
        digest = hashlib.sha256(codec.to_json(self.request)).hexdigest()
        return IdempotencyKey(self.owner_id, self.operation, self.key, digest)


async def create_once(
    database: Database, once: Once, kind: type[T], create: Callable[[AsyncConnection], Awaitable[T]]
) -> T:
    """What `create` gives, made in one transaction with the key; or the first answer under the key.

    Raises Conflict (IDEMPOTENCY_KEY_REUSED) when the key came with another request. A failed create keeps no key.
    """
    key = once.stored_key()
    async with database.transaction() as connection:
        if key is not None:
            first = await idempotency.claim(connection, key, once.ttl_s)
            if first is not None:
                return _same(first, key, kind)
        made = await create(connection)
        if key is not None:
            await idempotency.keep_answer(connection, key, codec.to_plain(made))
    return made


async def first_answer(database: Database, once: Once, kind: type[T]) -> T | None:
    """The first answer under the key, before any work is done for a repetition; None when there is none."""
    key = once.stored_key()
    if key is None:
        return None
    async with database.reading() as connection:
        first = await idempotency.find_answer(connection, key, once.ttl_s)
    return _same(first, key, kind) if first else None


def _same(first: FirstAnswer, key: IdempotencyKey, kind: type[T]) -> T:
    if first.request_sha256 != key.request_sha256:
        raise Conflict(
            ErrorCode.IDEMPOTENCY_KEY_REUSED,
            "Idempotency key reused",
            "This Idempotency-Key came before with another request.",
        )
    return codec.from_plain(kind, first.answer)

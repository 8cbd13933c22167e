"""Rows of tokens. Revoked and expired ones stay: a token that was taken away must not come in by another door."""

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, DateTime, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain.owner import Access, Owner, Scope, TokenRecord
from clipzy_server.store.database import Database
from clipzy_server.store.queries import Query
from clipzy_server.store.tables import OwnerRow, TokenRow, table_of

_owner = table_of(OwnerRow)
_token = table_of(TokenRow)
_now = func.clock_timestamp(type_=DateTime(timezone=True))
_is_good: ColumnElement[bool] = _token.c.revoked_at.is_(None) & or_(
    _token.c.expires_at.is_(None), _token.c.expires_at > _now
)
_ACCESS = Query(
    select(_owner.c.owner_id, _owner.c.name, _token.c.scope, func.extract("epoch", _token.c.expires_at - _now))
    .join(_token, _token.c.owner_id == _owner.c.owner_id)
    .where(_token.c.sha256 == bindparam("sha256"), _is_good)
)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token to be: whoever knows the bytes with this SHA-256 acts as the owner, until `lasts` is over."""

    token_id: str
    sha256: str
    scope: Scope
    lasts: timedelta | None = None


async def insert_token(connection: AsyncConnection, owner_id: str, token: NewToken) -> None:
    """Add the token; one whose SHA-256 is known already stays as it is."""
    values = {
        "token_id": token.token_id,
        "sha256": token.sha256,
        "owner_id": owner_id,
        "scope": token.scope.value,
        "created_at": _now,
        "expires_at": None if token.lasts is None else _now + token.lasts,
    }
    await connection.execute(insert(_token).values(values).on_conflict_do_nothing(index_elements=["sha256"]))


async def find_access(database: Database, sha256: str) -> tuple[Access, float] | None:
    """What the token with this SHA-256 gives, and for how many seconds yet (∞); None for one that gives nothing."""
    rows = await database.fetch(_ACCESS, sha256=sha256)
    if not rows:
        return None
    owner_id, name, scope, left_s = rows[0]
    return Access(Owner(owner_id, name), Scope(scope)), math.inf if left_s is None else float(left_s)


async def list_tokens(connection: AsyncConnection, owner_name: str | None) -> tuple[TokenRecord, ...]:
    """Every token, or one owner's; oldest first."""
    query = select(_token, _owner.c.name).join(_owner, _token.c.owner_id == _owner.c.owner_id)
    if owner_name is not None:
        query = query.where(_owner.c.name == owner_name)
    rows = await connection.execute(query.order_by(_token.c.created_at, _token.c.token_id))
    return tuple(_to_record(row) for row in rows)


async def take_token(connection: AsyncConnection, token_id: str) -> tuple[TokenRecord, str] | None:
    """A good token and its SHA-256, kept from others until the transaction ends; or None."""
    query = (
        select(_token, _owner.c.name)
        .join(_owner, _token.c.owner_id == _owner.c.owner_id)
        .where(_token.c.token_id == token_id, _is_good)
        .with_for_update(of=_token)
    )
    row = (await connection.execute(query)).one_or_none()
    return (_to_record(row), row.sha256) if row else None


async def revoke_token(connection: AsyncConnection, token_id: str) -> bool:
    """End a good token now; False when there is none."""
    return await _change(connection, token_id, revoked_at=_now)


async def expire_token(connection: AsyncConnection, token_id: str, after: timedelta) -> bool:
    """Let a good token end soon, unless it ends sooner of itself; False when there is none."""
    return await _change(connection, token_id, expires_at=func.least(_token.c.expires_at, _now + after))


async def _change(connection: AsyncConnection, token_id: str, **values: Any) -> bool:
    statement = update(_token).where(_token.c.token_id == token_id, _is_good).values(**values)
    return bool((await connection.execute(statement)).rowcount)


def _to_record(row: Any) -> TokenRecord:
    return TokenRecord(
        token_id=row.token_id,
        owner=Owner(row.owner_id, row.name),
        scope=Scope(row.scope),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )

import asyncio
import hashlib
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from clipzy_server.domain.errors import Unauthorized
from clipzy_server.domain.owner import Scope
from clipzy_server.store.database import Database
from clipzy_server.usecases import owners as module
from clipzy_server.usecases.owners import Owners
from clipzy_server.usecases.tokens import Tokens


@pytest.fixture
def owners(database: Database) -> Owners:
    return Owners(database)


@pytest.fixture
def tokens(database: Database) -> Tokens:
    return Tokens(database)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The clock of the memory of tokens, in seconds; the database's own goes on."""
    clock = SimpleNamespace(now_s=100.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now_s))
    return clock


async def _rows(database: Database, query: str) -> list[tuple[object, ...]]:
    async with database.reading() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


async def test_a_token_leads_to_its_owner_and_is_stored_as_its_hash_only(
    owners: Owners, tokens: Tokens, database: Database
) -> None:
    token = await tokens.create("ada", Scope.READ)
    access = await owners.authenticate(token)
    assert (access.owner.name, access.scope) == ("ada", Scope.READ)

    ((row,),) = await _rows(database, "SELECT to_jsonb(t) FROM clipzy.token t")
    assert row["sha256"] == hashlib.sha256(token.encode()).hexdigest()
    assert row["owner_id"] == access.owner.owner_id
    assert token not in str(row)
    assert token not in str(await _rows(database, "SELECT to_jsonb(o) FROM clipzy.owner o"))


@pytest.mark.parametrize("token", ["", "clipzy_", "clipzy_unknown", "a\x00b", "\udcff", "x" * 100_000, "' OR '1'='1"])
async def test_what_is_no_token_is_refused(owners: Owners, tokens: Tokens, token: str) -> None:
    valid = await tokens.create("ada")
    with pytest.raises(Unauthorized):
        await owners.authenticate(token)
    with pytest.raises(Unauthorized):
        await owners.authenticate(valid + token[:1] + "x")


async def test_a_hash_is_no_token(owners: Owners, tokens: Tokens, database: Database) -> None:
    await tokens.create("ada")
    ((stored,),) = await _rows(database, "SELECT sha256 FROM clipzy.token")
    with pytest.raises(Unauthorized):
        await owners.authenticate(str(stored))


async def test_a_token_that_is_revoked_ends_within_seconds(
    owners: Owners, tokens: Tokens, clock: SimpleNamespace
) -> None:
    token = await tokens.create("ada")
    access = await owners.authenticate(token)
    (record,) = await tokens.list()
    assert await tokens.revoke(record.token_id)

    clock.now_s += 4.9
    assert await owners.authenticate(token) == access
    clock.now_s += 0.2
    for _ in range(2):
        with pytest.raises(Unauthorized):
            await owners.authenticate(token)


async def test_a_token_is_not_remembered_beyond_its_own_end(
    owners: Owners, tokens: Tokens, database: Database, clock: SimpleNamespace
) -> None:
    token = await tokens.create("ada", lasts=timedelta(seconds=3))
    await owners.authenticate(token)
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE clipzy.token SET expires_at = clock_timestamp()"))
    clock.now_s += 3.1
    with pytest.raises(Unauthorized):
        await owners.authenticate(token)


async def test_anonymous_is_one_owner_for_everybody_and_may_do_everything(owners: Owners, database: Database) -> None:
    found = await asyncio.gather(*(one.anonymous() for one in (owners, owners, Owners(database), Owners(database))))
    assert len(set(found)) == 1
    assert found[0].scope is Scope.ADMIN
    assert await _rows(database, "SELECT count(*) FROM clipzy.owner") == [(1,)]
    assert await _rows(database, "SELECT count(*) FROM clipzy.token") == [(0,)]

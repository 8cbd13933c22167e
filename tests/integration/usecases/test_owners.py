import asyncio
import hashlib
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from clipzy_server.domain.errors import Unauthorized
from clipzy_server.store.database import Database
from clipzy_server.usecases import owners as module
from clipzy_server.usecases.owners import Owners


@pytest.fixture
def owners(database: Database) -> Owners:
    return Owners(database)


async def _rows(database: Database, query: str) -> list[tuple[object, ...]]:
    async with database.reading() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


async def test_a_token_leads_to_its_owner_and_is_stored_as_its_hash_only(owners: Owners, database: Database) -> None:
    token = await owners.create_token("ada")
    owner = await owners.authenticate(token)
    assert owner.name == "ada"

    ((row,),) = await _rows(database, "SELECT to_jsonb(t) FROM clipzy.token t")
    assert row["sha256"] == hashlib.sha256(token.encode()).hexdigest()
    assert row["owner_id"] == owner.owner_id
    assert token not in str(row)
    assert token not in str(await _rows(database, "SELECT to_jsonb(o) FROM clipzy.owner o"))


async def test_every_token_is_new_and_tokens_of_one_name_are_one_owner(owners: Owners, database: Database) -> None:
    tokens = await asyncio.gather(*(owners.create_token("ada") for _ in range(4)))
    assert len(set(tokens)) == 4
    found = {await Owners(database).authenticate(token) for token in tokens}
    other = await owners.authenticate(await owners.create_token("bob"))
    assert len(found) == 1
    assert other not in found
    assert await _rows(database, "SELECT count(*) FROM clipzy.owner") == [(2,)]


@pytest.mark.parametrize("token", ["", "clipzy_", "clipzy_unknown", "a\x00b", "\udcff", "x" * 100_000, "' OR '1'='1"])
async def test_what_is_no_token_is_refused(owners: Owners, token: str) -> None:
    valid = await owners.create_token("ada")
    with pytest.raises(Unauthorized):
        await owners.authenticate(token)
    with pytest.raises(Unauthorized):
        await owners.authenticate(valid + token[:1] + "x")


async def test_a_hash_is_no_token(owners: Owners, database: Database) -> None:
    await owners.create_token("ada")
    ((stored,),) = await _rows(database, "SELECT sha256 FROM clipzy.token")
    with pytest.raises(Unauthorized):
        await owners.authenticate(str(stored))


async def test_a_token_made_elsewhere_is_added_once(owners: Owners, database: Database) -> None:
    for _ in range(2):
        await owners.add_token("ada", "made-elsewhere")
    assert (await owners.authenticate("made-elsewhere")).name == "ada"
    assert await _rows(database, "SELECT count(*) FROM clipzy.token") == [(1,)]


async def test_a_token_that_is_taken_away_ends_within_seconds(
    owners: Owners, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(now_s=100.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now_s))
    token = await owners.create_token("ada")
    owner = await owners.authenticate(token)
    async with database.transaction() as connection:
        await connection.execute(text("DELETE FROM clipzy.token"))

    clock.now_s += 4.9
    assert await owners.authenticate(token) == owner
    clock.now_s += 0.2
    for _ in range(2):
        with pytest.raises(Unauthorized):
            await owners.authenticate(token)


async def test_anonymous_is_one_owner_for_everybody(owners: Owners, database: Database) -> None:
    found = await asyncio.gather(*(one.anonymous() for one in (owners, owners, Owners(database), Owners(database))))
    assert len(set(found)) == 1
    assert await _rows(database, "SELECT count(*) FROM clipzy.owner") == [(1,)]
    assert await _rows(database, "SELECT count(*) FROM clipzy.token") == [(0,)]

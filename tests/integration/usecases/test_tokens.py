import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from clipzy_server.domain.errors import Unauthorized
from clipzy_server.domain.owner import Scope, TokenRecord
from clipzy_server.store.database import Database
from clipzy_server.usecases.owners import Owners
from clipzy_server.usecases.tokens import Tokens


@pytest.fixture
def tokens(database: Database) -> Tokens:
    return Tokens(database)


async def _is_good(database: Database, token: str) -> bool:
    """As a process sees it that has not met the token before."""
    try:
        await Owners(database).authenticate(token)
    except Unauthorized:
        return False
    return True


async def _only(tokens: Tokens) -> TokenRecord:
    (record,) = await tokens.list()
    return record


async def test_every_token_is_new_and_tokens_of_one_name_are_one_owner(tokens: Tokens, database: Database) -> None:
    made = await asyncio.gather(*(tokens.create("ada") for _ in range(4)))
    assert len(set(made)) == 4
    found = {(await Owners(database).authenticate(token)).owner for token in made}
    other = (await Owners(database).authenticate(await tokens.create("bob"))).owner
    assert len(found) == 1
    assert other not in found
    assert [record.owner.name for record in await tokens.list()] == ["ada"] * 4 + ["bob"]
    assert [record.owner for record in await tokens.list("bob")] == [other]


async def test_a_token_made_elsewhere_is_added_once_and_stays_as_it_was(tokens: Tokens, database: Database) -> None:
    await tokens.add("ada", "made-elsewhere", Scope.READ)
    await tokens.add("ada", "made-elsewhere", Scope.ADMIN)
    access = await Owners(database).authenticate("made-elsewhere")
    assert (access.owner.name, access.scope) == ("ada", Scope.READ)
    assert (await _only(tokens)).scope is Scope.READ


async def test_a_revoked_token_does_not_come_back_when_it_is_added_again(tokens: Tokens, database: Database) -> None:
    await tokens.add("ada", "made-elsewhere", Scope.ADMIN)
    token_id = (await _only(tokens)).token_id
    assert await tokens.revoke(token_id)
    assert not await tokens.revoke(token_id)
    await tokens.add("ada", "made-elsewhere", Scope.ADMIN)
    assert not await _is_good(database, "made-elsewhere")
    assert (await _only(tokens)).revoked_at is not None


async def test_a_token_ends_with_its_time(tokens: Tokens, database: Database) -> None:
    lasting = await tokens.create("ada", lasts=timedelta(days=1))
    over = await tokens.create("ada", lasts=timedelta(0))
    assert await _is_good(database, lasting)
    assert not await _is_good(database, over)


async def test_a_rotated_token_has_a_successor_of_the_same_scope_and_length(tokens: Tokens, database: Database) -> None:
    old = await tokens.create("ada", Scope.READ, timedelta(days=30))
    rotated = await tokens.rotate((await _only(tokens)).token_id)
    assert rotated is not None
    assert not await _is_good(database, old)
    access = await Owners(database).authenticate(rotated.token)
    assert (access.owner.name, access.scope) == ("ada", Scope.READ)
    _, fresh = await tokens.list()
    assert fresh.expires_at is not None
    assert fresh.expires_at - fresh.created_at == pytest.approx(timedelta(days=30), abs=timedelta(seconds=1))


async def test_both_tokens_are_good_while_a_rotation_overlaps(tokens: Tokens, database: Database) -> None:
    old = await tokens.create("ada")
    token_id = (await _only(tokens)).token_id
    rotated = await tokens.rotate(token_id, overlap=timedelta(hours=1))
    assert rotated is not None
    assert await _is_good(database, old)
    assert await _is_good(database, rotated.token)
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE clipzy.token SET expires_at = expires_at - interval '1 hour'"))
    assert not await _is_good(database, old)
    assert await _is_good(database, rotated.token)


async def test_of_many_rotations_at_once_one_succeeds(tokens: Tokens) -> None:
    await tokens.create("ada")
    token_id = (await _only(tokens)).token_id
    rotated = await asyncio.gather(*(tokens.rotate(token_id) for _ in range(4)))
    assert sum(one is not None for one in rotated) == 1
    assert len(await tokens.list()) == 2


async def test_what_is_not_there_is_neither_revoked_nor_rotated(tokens: Tokens) -> None:
    assert not await tokens.revoke("tok_unknown")
    assert await tokens.rotate("tok_unknown") is None

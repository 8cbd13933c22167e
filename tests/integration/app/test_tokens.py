from datetime import timedelta

import pytest

from clipzy_server.app.folder import DataFolder
from clipzy_server.app.settings import Settings
from clipzy_server.app.tokens import open_tokens, rotate_token
from clipzy_server.domain.owner import Scope
from clipzy_server.usecases.owners import Owners
from clipzy_server.usecases.tokens import Tokens


@pytest.fixture
def settings(database, tmp_path):
    return Settings(database_url=database.urls.asyncpg, data_dir=tmp_path)


async def test_the_first_owners_file_follows_its_token(settings, database, tmp_path):
    folder = DataFolder(tmp_path)
    await Tokens(database).add("owner", folder.first_token(), Scope.ADMIN)
    async with open_tokens(settings) as tokens:
        (record,) = await tokens.list()
    token = await rotate_token(settings, record.token_id, None, timedelta())
    assert folder.first_token() == token
    assert folder.token_file.stat().st_mode & 0o777 == 0o600
    assert (await Owners(database).authenticate(token)).scope is Scope.ADMIN


async def test_the_first_owners_file_stays_when_another_token_is_rotated(settings, database, tmp_path):
    first = DataFolder(tmp_path).first_token()
    async with open_tokens(settings) as tokens:
        await tokens.create("ada")
        (record,) = await tokens.list()
    assert await rotate_token(settings, record.token_id, None, timedelta()) != first
    assert DataFolder(tmp_path).first_token() == first


async def test_a_token_that_is_not_there_is_not_rotated(settings):
    assert await rotate_token(settings, "tok_unknown", None, timedelta()) is None

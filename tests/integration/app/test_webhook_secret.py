import re

import pytest

from clipzy_server.app.settings import Settings
from clipzy_server.app.webhook_secret import webhook_secret
from clipzy_server.usecases.owners import Owners
from clipzy_server.usecases.tokens import Tokens
from clipzy_server.usecases.webhooks import WebhookSecrets


@pytest.fixture
def settings(database, tmp_path):
    return Settings(database_url=database.urls.asyncpg, data_dir=tmp_path)


async def test_an_owners_secret_is_shown_and_rotated(settings, database):
    ada = (await Owners(database).authenticate(await Tokens(database).create("ada"))).owner
    first = await webhook_secret(settings, "ada", rotate=False)
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", first)
    assert await webhook_secret(settings, "ada", rotate=False) == first
    second = await webhook_secret(settings, "ada", rotate=True)
    assert second not in (first, None)
    assert await webhook_secret(settings, "ada", rotate=False) == second
    assert await WebhookSecrets(database).signing(ada.owner_id) == (second, first)


async def test_nobody_gets_a_secret_for_a_name_that_is_not_there(settings):
    assert await webhook_secret(settings, "nobody", rotate=True) is None


async def test_a_stopped_installation_is_started_for_a_moment(tmp_path):
    settings = Settings(data_dir=tmp_path)
    assert await webhook_secret(settings, "nobody", rotate=False) is None
    assert (tmp_path / "postgres").is_dir()

"""`clipzy token create`: through the running database, or by starting a stopped one for a moment."""

from clipzy_server.app.folder import DataFolder
from clipzy_server.app.parts import migrate
from clipzy_server.app.postgres import EmbeddedPostgres
from clipzy_server.app.settings import Settings
from clipzy_server.domain.errors import Unavailable
from clipzy_server.store.database import Database
from clipzy_server.usecases.owners import Owners


async def create_token(settings: Settings, owner_name: str) -> str:
    """A new token of the owner of this name."""
    if settings.database_url is not None:
        return await _create(settings.database_url, owner_name)
    folder = DataFolder(settings.data_dir.absolute())
    folder.prepare()
    postgres = EmbeddedPostgres(folder.postgres, folder.runtime)
    try:
        return await _create(postgres.url, owner_name)
    except Unavailable:
        # Nobody serves this folder; its lock makes sure that nobody begins to while we do.
        with folder.sole_use():
            async with postgres:
                await migrate(postgres.url)
                return await _create(postgres.url, owner_name)


async def _create(url: str, owner_name: str) -> str:
    database = Database(url, pool_size=1)
    try:
        return await Owners(database).create_token(owner_name)
    finally:
        await database.close()

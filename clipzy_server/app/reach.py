"""The database of an installation, whether Clipzy runs or not: a stopped one is started for a moment."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from clipzy_server.app.folder import DataFolder
from clipzy_server.app.postgres import EmbeddedPostgres
from clipzy_server.app.settings import Settings
from clipzy_server.domain.errors import Unavailable
from clipzy_server.store.database import Database
from clipzy_server.store.migration import migrate


@asynccontextmanager
async def reach_database(settings: Settings) -> AsyncIterator[Database]:
    """The database while the block runs."""
    async with AsyncExitStack() as stack:
        url = settings.database_url or await _embedded(settings, stack)
        database = Database(url, pool_size=1)
        stack.push_async_callback(database.close)
        yield database


async def _embedded(settings: Settings, stack: AsyncExitStack) -> str:
    folder = DataFolder(settings.data_dir.absolute())
    folder.prepare()
    postgres = EmbeddedPostgres(folder.postgres, folder.runtime)
    if not await _answers(postgres.url):
        # Nobody serves this folder; its lock makes sure that nobody begins to while we do.
        stack.enter_context(folder.sole_use())
        await stack.enter_async_context(postgres)
        await migrate(postgres.url)
    return postgres.url


async def _answers(url: str) -> bool:
    database = Database(url, pool_size=1)
    try:
        async with database.reading():
            return True
    except Unavailable:
        return False
    finally:
        await database.close()

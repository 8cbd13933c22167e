"""Prepare a database for `clipzy up`: its tables, and the first owner. `python -m clipzy_server.app.prepare`.

A process of its own, so that what this loads is gone when it is done.
"""

import asyncio

from clipzy_server.media.loading import load_at_once

if __name__ == "__main__":
    load_at_once()

from sqlalchemy import text

from clipzy_server.app.folder import DataFolder
from clipzy_server.app.logs import configure_logs
from clipzy_server.app.parts import known_url
from clipzy_server.app.prepared import mark_of
from clipzy_server.app.settings import Settings
from clipzy_server.domain.owner import Scope
from clipzy_server.store.database import Database
from clipzy_server.store.migration import migrate
from clipzy_server.usecases.tokens import Tokens

FIRST_OWNER = "owner"


async def prepare(url: str, first_token: str) -> None:
    """Migrate, let the token act as the first owner, and leave the mark. Safe to repeat."""
    await migrate(url)
    database = Database(url, pool_size=1)
    try:
        await Tokens(database).add(FIRST_OWNER, first_token, Scope.ADMIN)
        async with database.transaction() as connection:
            await connection.execute(text(f"COMMENT ON TABLE clipzy.job IS '{mark_of(first_token)}'"))
    finally:
        await database.close()


async def main() -> None:
    """Prepare the database that the settings name."""
    settings = Settings()
    configure_logs(settings.log_level)
    await prepare(await known_url(settings), DataFolder(settings.data_dir.absolute()).first_token())


if __name__ == "__main__":
    asyncio.run(main())

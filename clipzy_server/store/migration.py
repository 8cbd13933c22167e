"""Brings the tables of a database to the newest version. Whoever only uses them need not load this."""

import asyncio
from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from clipzy_server.store.database import Database
from clipzy_server.store.queue import migrate_queue

# Held by whoever migrates; the others wait. The number only has to be ours: "clpz".
_MIGRATION_LOCK = 0x636C707A


async def migrate(url: str) -> None:
    """Bring our tables and the engine's to the newest version. Safe to repeat and to run twice at once."""
    database = Database(url)
    try:
        await migrate_tables(database)
        await asyncio.to_thread(migrate_queue, url)
    finally:
        await database.close()


async def migrate_tables(database: Database) -> None:
    """Bring our tables to the newest version. Several processes may call this at once: one does it."""
    async with database.transaction() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    with as_file(files("clipzy_server.store") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

"""Whether a database is as this version wants it, told without loading what could change it.

Whoever prepares a database leaves a mark in it: a digest of everything that preparing it depends on. A start that
finds its own mark there has nothing to do, and `clipzy up` stays small: to prepare is another process's work.
"""

import hashlib
from importlib.metadata import version
from pathlib import Path

import asyncpg

from clipzy_server import store
from clipzy_server.store.urls import database_urls

_CONNECT_TIMEOUT_S = 10.0


def mark_of(first_token: str) -> str:
    """The mark of a database with the tables of this version, where the first owner has this token."""
    folder = Path(store.__file__).parent
    scripts = [*sorted((folder / "migrations" / "versions").glob("*.py")), folder / "queue.py"]
    told = [first_token.encode(), version("dbos").encode(), *(script.read_bytes() for script in scripts)]
    return hashlib.sha256(b"".join(hashlib.sha256(one).digest() for one in told)).hexdigest()


async def is_prepared(url: str, mark: str) -> bool:
    """Does the database bear this mark?"""
    connection = await asyncpg.connect(database_urls(url).asyncpg, timeout=_CONNECT_TIMEOUT_S)
    try:
        found = await connection.fetchval("SELECT obj_description(to_regclass('clipzy.job'), 'pg_class')")
    finally:
        await connection.close()
    return bool(found == mark)

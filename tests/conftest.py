"""What every test may ask for: a database of its own on an embedded cluster, and blobs in a folder of its own."""

import os

# Two test processes share the machine; more threads than cores make small matrices slow. Set before NumPy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from clipzy_server.app.postgres import EmbeddedPostgres
from clipzy_server.store.blobs import Blobs, BlobSettings
from clipzy_server.store.database import Database
from clipzy_server.store.migration import migrate_tables


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Path]:
    """A private folder whose path is short enough for sockets, which pytest's own need not be."""
    folder = Path(tempfile.mkdtemp(prefix="clipzy-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def postgres(short_folder: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A cluster for this test process, with a migrated database `template_clipzy` to copy."""
    runtime = short_folder / "run"
    runtime.mkdir(mode=0o700)
    async with EmbeddedPostgres(short_folder / "postgres", runtime, fsync=False) as cluster:
        database = Database(await make_database(cluster, "template_clipzy", "template1"), pool_size=1)
        await migrate_tables(database)
        await database.close()
        yield cluster


@pytest.fixture
async def database_url(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """A fresh, migrated database, dropped afterwards."""
    name = f"test_{uuid4().hex}"
    yield await make_database(postgres, name, "template_clipzy")
    connection = await asyncpg.connect(postgres.url)
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


@pytest.fixture
async def empty_database_url(postgres: EmbeddedPostgres) -> str:
    """A fresh database without tables."""
    return await make_database(postgres, f"test_{uuid4().hex}", "template1")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A pool on a fresh, migrated database."""
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    """Blobs in a local folder."""
    return Blobs(BlobSettings(folder=tmp_path / "storage"))


async def make_database(cluster: EmbeddedPostgres, name: str, template: str) -> str:
    """Create a database and give its URL."""
    connection = await asyncpg.connect(cluster.url)
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    await connection.close()
    return cluster.url.replace("/clipzy?", f"/{name}?")

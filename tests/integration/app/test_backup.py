"""What docs/operations.md says of backups, done."""

import asyncio
import shutil
import subprocess
from uuid import uuid4

from clipzy_server.app.postgres import EmbeddedPostgres, binaries
from clipzy_server.domain.owner import Scope
from clipzy_server.store.database import Database
from clipzy_server.store.migration import migrate
from clipzy_server.usecases.owners import Owners
from clipzy_server.usecases.tokens import Tokens
from tests.conftest import make_database


async def _owner_of(url: str, token: str) -> str:
    database = Database(url, pool_size=1)
    try:
        return (await Owners(database).authenticate(token)).owner.name
    finally:
        await database.close()


async def test_a_copy_of_a_stopped_data_folder_serves_the_same_owners(short_folder) -> None:
    first, second = short_folder / uuid4().hex[:8], short_folder / uuid4().hex[:8]
    (first / "run").mkdir(parents=True, mode=0o700)
    async with EmbeddedPostgres(first / "postgres", first / "run") as cluster:
        await migrate(cluster.url)
        database = Database(cluster.url, pool_size=1)
        token = await Tokens(database).create("ada", Scope.ADMIN)
        await database.close()
    await asyncio.to_thread(subprocess.run, ["cp", "-a", first, second], check=True)
    await asyncio.to_thread(shutil.rmtree, first)
    async with EmbeddedPostgres(second / "postgres", second / "run") as restored:
        await migrate(restored.url)
        assert await _owner_of(restored.url, token) == "ada"


async def test_a_dump_of_a_running_database_is_restored_into_an_empty_one(database, postgres, tmp_path) -> None:
    token = await Tokens(database).create("ada")
    empty = await make_database(postgres, f"test_{uuid4().hex}", "template1")
    dump = tmp_path / "clipzy.dump"
    for command in (
        ["pg_dump", "--format=custom", f"--file={dump}", f"--dbname={database.urls.asyncpg}"],
        ["pg_restore", "--exit-on-error", "--no-owner", f"--dbname={empty}", dump],
    ):
        await asyncio.to_thread(subprocess.run, [binaries() / command[0], *command[1:]], check=True)
    await migrate(empty)
    assert await _owner_of(empty, token) == "ada"

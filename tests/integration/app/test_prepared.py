import asyncio
import os
import subprocess
import sys

from clipzy_server.app.folder import DataFolder
from clipzy_server.app.prepare import FIRST_OWNER
from clipzy_server.app.prepared import is_prepared, mark_of
from clipzy_server.store.database import Database
from clipzy_server.usecases.owners import Owners


async def _prepare(url: str, folder: DataFolder) -> None:
    command = [sys.executable, "-m", "clipzy_server.app.prepare"]
    settings = {"CLIPZY_DATABASE_URL": url, "CLIPZY_DATA_DIR": str(folder.root)}
    await asyncio.to_thread(subprocess.run, command, env={**os.environ, **settings}, check=True)


async def test_a_database_is_prepared_once_for_each_version_and_first_token(empty_database_url, tmp_path) -> None:
    url, folder = empty_database_url, DataFolder(tmp_path)
    first = folder.first_token()
    assert not await is_prepared(url, mark_of(first))
    for _ in range(2):
        await _prepare(url, folder)
        assert await is_prepared(url, mark_of(first))
    folder.write_token("clipzy_other")
    assert not await is_prepared(url, mark_of("clipzy_other"))
    await _prepare(url, folder)
    assert await is_prepared(url, mark_of("clipzy_other"))
    database = Database(url, pool_size=1)
    for token in (first, "clipzy_other"):
        assert (await Owners(database).authenticate(token)).owner.name == FIRST_OWNER
    await database.close()


def test_what_runs_for_ever_does_not_load_what_prepares() -> None:
    heavy = "import clipzy_server.app.up, sys; sys.exit(bool({'sqlalchemy', 'dbos', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", heavy], check=False).returncode == 0

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from clipzy_server.app.postgres import MAJOR_VERSION, EmbeddedPostgres, PostgresFailed
from clipzy_server.app.residents import residents


@dataclass(frozen=True)
class Place:
    """Where a cluster of one test lies."""

    data: Path
    runtime: Path

    def cluster(self) -> EmbeddedPostgres:
        return EmbeddedPostgres(self.data, self.runtime)


@pytest.fixture
def place(short_folder: Path) -> Place:
    root = short_folder / uuid4().hex[:8]
    runtime = root / "run"
    runtime.mkdir(parents=True, mode=0o700)
    return Place(root / "postgres", runtime)


@asynccontextmanager
async def _connected(cluster: EmbeddedPostgres) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(cluster.url)
    try:
        yield connection
    finally:
        await connection.close()


async def _keep(cluster: EmbeddedPostgres, word: str) -> None:
    async with _connected(cluster) as connection:
        await connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        await connection.execute("INSERT INTO kept VALUES ($1)", word)


async def _kept(cluster: EmbeddedPostgres) -> list[str]:
    async with _connected(cluster) as connection:
        return [row["word"] for row in await connection.fetch("SELECT word FROM kept ORDER BY word")]


async def _until(condition: Callable[[], bool]) -> None:
    for _ in range(3000):
        if condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("the condition did not come true")


async def _kept_soon(cluster: EmbeddedPostgres) -> list[str]:
    """The rows, as soon as the cluster serves again."""
    for _ in range(3000):
        try:
            return await _kept(cluster)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await asyncio.sleep(0.01)
    pytest.fail("the cluster does not serve again")


async def test_rows_stay_from_start_to_start_and_nothing_else_does(place: Place) -> None:
    unfinished = place.data.with_name("postgres.new")
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("half a cluster")

    async with place.cluster() as first:
        await _keep(first, "first")
        first_pid = first.pid
        assert first_pid in residents(place.data)
        async with _connected(first) as connection:
            assert await connection.fetchval("SHOW listen_addresses") == ""
            assert await connection.fetchval("SHOW fsync") == "on"
    assert residents(place.data) == []
    assert list(place.runtime.iterdir()) == []
    assert not (place.data / "postmaster.pid").exists()

    async with place.cluster() as second:
        assert second.pid != first_pid
        assert await _kept(second) == ["first"]


async def test_a_killed_server_serves_again_with_its_rows(place: Place) -> None:
    async with place.cluster() as cluster:
        for word in ("once", "twice"):
            await _keep(cluster, word)
            killed = cluster.pid
            assert killed is not None
            os.kill(killed, signal.SIGKILL)
            await _until(lambda killed=killed: cluster.pid != killed)
            assert word in await _kept_soon(cluster)
        assert await _kept(cluster) == ["once", "twice"]


async def test_a_server_that_lives_and_answers_nobody_is_replaced(place: Place) -> None:
    async with EmbeddedPostgres(place.data, place.runtime, silent_for_s=0.5) as cluster:
        await _keep(cluster, "before")
        stopped = cluster.pid
        assert stopped is not None
        os.kill(stopped, signal.SIGSTOP)
        await _until(lambda: cluster.pid != stopped)
        assert await _kept_soon(cluster) == ["before"]


async def test_a_killed_process_of_the_server_is_survived(place: Place) -> None:
    async with place.cluster() as cluster:
        await _keep(cluster, "before")
        for _ in range(8):
            parts = [pid for pid in residents(place.data) if pid != cluster.pid]
            for pid in parts[:2]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            assert await _kept_soon(cluster) == ["before"]


async def test_a_server_that_dies_while_it_is_asked_whether_it_is_up_is_started_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect, lost = asyncpg.connect, []

    async def connect_and_lose(**options: Any) -> Any:
        connection = await connect(**options)
        if len(lost) < 3:
            lost.append(connection)
            connection.terminate()
        return connection

    async with place.cluster() as cluster:
        await _keep(cluster, "kept")
        killed = cluster.pid
        assert killed is not None
        monkeypatch.setattr(asyncpg, "connect", connect_and_lose)
        os.kill(killed, signal.SIGKILL)
        await _until(lambda: len(lost) == 3)
        monkeypatch.undo()
        assert await _kept_soon(cluster) == ["kept"]
        again = cluster.pid
        assert again is not None
        os.kill(again, signal.SIGKILL)
        await _until(lambda: cluster.pid != again)
        assert await _kept_soon(cluster) == ["kept"]


async def _start_parent(place: Place) -> tuple[asyncio.subprocess.Process, int]:
    """A process that keeps a cluster with one row, and the id of its postmaster."""
    script = Path(__file__).with_name("postgres_parent.py")
    arguments = (str(script), str(place.data), str(place.runtime))
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    return process, int(await process.stdout.readline())


async def test_a_killed_parent_leaves_no_server_behind(place: Place) -> None:
    parent, postmaster = await _start_parent(place)
    assert postmaster in residents(place.data)
    parent.kill()
    await parent.wait()
    await _until(lambda: residents(place.data) == [])


async def test_a_start_right_after_a_killed_parent_has_its_rows(place: Place) -> None:
    parent, postmaster = await _start_parent(place)
    parent.kill()
    await parent.wait()
    async with place.cluster() as cluster:
        assert await _kept(cluster) == ["of the parent"]
        assert cluster.pid != postmaster
        assert postmaster not in residents(place.data)
        await _keep(cluster, "of the heir")
        assert await _kept(cluster) == ["of the heir", "of the parent"]


async def test_a_stale_lock_with_the_id_of_a_stranger_does_not_matter(place: Place) -> None:
    async with place.cluster() as cluster:
        await _keep(cluster, "kept")
        sockets = cluster._sockets
        locks = [place.data / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"]
        contents = [lock.read_text() for lock in locks]

    stranger = await asyncio.create_subprocess_exec(sys.executable, "-c", "import signal; signal.pause()")
    for lock, content in zip(locks, contents, strict=True):
        _, *rest = content.splitlines(keepends=True)
        lock.write_text(f"{stranger.pid}\n{''.join(rest)}")
    (sockets / ".s.PGSQL.5432").touch()

    async with place.cluster() as cluster:
        assert await _kept(cluster) == ["kept"]
    assert stranger.returncode is None
    stranger.kill()
    await stranger.wait()


async def test_a_folder_of_another_version_is_left_alone(place: Place) -> None:
    place.data.mkdir()
    (place.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(PostgresFailed, match=f"of PostgreSQL 9, this is {MAJOR_VERSION}"):
        async with place.cluster():
            pytest.fail("it started")
    assert [path.name for path in place.data.iterdir()] == ["PG_VERSION"]


async def test_a_broken_folder_is_told_with_where_to_look(place: Place) -> None:
    place.data.mkdir()
    for name, content in (("PG_VERSION", MAJOR_VERSION), ("postgresql.conf", "no setting\n")):
        (place.data / name).write_text(content)
    log = place.data.parent / "logs" / "postgres.log"
    with pytest.raises(PostgresFailed, match=r"postgres\.log"):
        async with place.cluster():
            pytest.fail("it started")
    assert log.read_text().strip()
    assert residents(place.data) == []

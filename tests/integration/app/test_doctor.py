import json
import os
import socket
import subprocess
import sys

import pytest
from sqlalchemy import text

from clipzy_server.app import doctor
from clipzy_server.app.doctor import Verdict, examine
from clipzy_server.app.gateway import Listen
from clipzy_server.app.settings import Settings
from clipzy_server.media.confinement import BoxMode

ANY_PORT = Listen("127.0.0.1", 0)


async def _asked(settings: Settings, about: str, listen: Listen = ANY_PORT, **environment: str):
    found = [each for each in await examine(settings, listen, environment) if each.about == about]
    assert all(each.remedy for each in found if each.verdict is not Verdict.OK)
    return found


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(data_dir=tmp_path / "data", free_disk_reserve_mb=0)


async def test_a_machine_that_has_all_is_well_and_nothing_is_left_behind(settings, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(doctor, "COMFORTABLE_MEMORY_MB", 1)
    monkeypatch.setattr(doctor, "FIRST_START_MB", 1)
    found = await examine(settings, ANY_PORT, {"CLIPZY_DEBUG": "true", "CLIPZY_TOKEN": "x", "PATH": "/bin"})
    assert {each.about for each in found if each.verdict is Verdict.FAILED} == set()
    assert {"python", "settings", "disk", "storage", "port", "database", "gateway", "encoder"} <= {
        each.about for each in found
    }
    assert list(tmp_path.iterdir()) == []


async def test_a_misspelled_setting_is_told_with_the_one_that_is_meant(settings) -> None:
    (near,) = await _asked(settings, "settings", CLIPZY_WEBHOOK_ALOW_PRIVATE="true")
    assert near.verdict is Verdict.WARNING
    assert near.remedy == "Is CLIPZY_WEBHOOK_ALLOW_PRIVATE meant?"


async def test_a_taken_port_fails(settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        (port,) = await _asked(settings, "port", Listen("127.0.0.1", taken.getsockname()[1]))
    assert port.verdict is Verdict.FAILED
    assert "--port" in port.remedy


async def test_the_database_is_asked_for_the_version_of_its_tables(database, tmp_path) -> None:
    settings = Settings(data_dir=tmp_path, database_url=database.urls.asyncpg)
    (found,) = await _asked(settings, "database")
    assert found.verdict is Verdict.OK
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE clipzy.alembic_version SET version_num = '0001'"))
    (found,) = await _asked(settings, "database")
    assert found.verdict is Verdict.FAILED
    assert "clipzy migrate" in found.remedy


async def test_a_database_that_is_away_fails(tmp_path) -> None:
    settings = Settings(data_dir=tmp_path, database_url=f"postgresql://clipzy@/clipzy?host={tmp_path}")
    (found,) = await _asked(settings, "database")
    assert (found.verdict, found.found) == (Verdict.FAILED, "it does not answer")


async def test_a_cluster_of_another_postgresql_fails(settings) -> None:
    cluster = settings.data_dir / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("12\n")
    (found,) = await _asked(settings, "database")
    assert found.verdict is Verdict.FAILED


async def test_little_memory_and_a_box_switched_off_are_warnings(tmp_path, monkeypatch) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 9999999 kB\nMemAvailable: 512000 kB\n")
    monkeypatch.setattr(doctor, "MEMINFO", meminfo)
    settings = Settings(data_dir=tmp_path, sandbox=BoxMode.OFF)
    ((memory,), (sandbox,)) = [await _asked(settings, about) for about in ("memory", "sandbox")]
    assert (memory.verdict, sandbox.verdict) == (Verdict.WARNING, Verdict.WARNING)


async def test_a_box_that_is_required_and_does_not_close_fails(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(doctor, "landlock_version", lambda: 0)
    found = await _asked(Settings(data_dir=tmp_path, sandbox=BoxMode.REQUIRED), "sandbox")
    assert found[0].verdict is Verdict.FAILED


async def test_a_full_disk_fails(tmp_path) -> None:
    (disk,) = await _asked(Settings(data_dir=tmp_path, free_disk_reserve_mb=2**40), "disk")
    assert disk.verdict is Verdict.FAILED


def test_the_command_prints_json_and_its_exit_code_tells(tmp_path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "clipzy_server.app.cli", "doctor", "--json", "--port", port]
        done = subprocess.run(
            [*command, "--data-dir", tmp_path], env=os.environ, capture_output=True, text=True, check=False
        )
    assert done.returncode == 1, done.stderr
    verdicts = {each["about"]: each["verdict"] for each in json.loads(done.stdout)}
    assert (verdicts["port"], verdicts["encoder"]) == ("failed", "ok")

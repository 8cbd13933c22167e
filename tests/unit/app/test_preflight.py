"""What stops the first five minutes, and the words for it."""

import shutil
import socket
import subprocess
from collections import namedtuple
from pathlib import Path

import pytest

from clipzy_server.app import preflight
from clipzy_server.app.gateway import Listen
from clipzy_server.app.options import load_settings

ROOT = Path(__file__).parents[3]
Usage = namedtuple("Usage", "total used free")


async def test_a_free_port_may_be_used_and_any_port_too():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    await preflight.check_port(Listen("127.0.0.1", port))
    await preflight.check_port(Listen("127.0.0.1", 0))


@pytest.mark.parametrize("shared", [False, True])
async def test_a_taken_port_is_said_even_if_its_user_would_share_it(shared):
    with socket.create_server(("127.0.0.1", 0), reuse_port=shared) as server:
        port = server.getsockname()[1]
        with pytest.raises(SystemExit, match=f"Port {port} of 127.0.0.1 is taken.*--port"):
            await preflight.check_port(Listen("127.0.0.1", port), patience_s=0.0)


async def test_a_port_that_is_given_up_in_time_is_waited_for(monkeypatch):
    server = socket.create_server(("127.0.0.1", 0))
    monkeypatch.setattr(preflight, "_POLL_S", 0.0)
    refusal = preflight._refusal

    def closing(listen):
        found = refusal(listen)
        server.close()
        return found

    monkeypatch.setattr(preflight, "_refusal", closing)
    await preflight.check_port(Listen("127.0.0.1", server.getsockname()[1]))


async def test_an_address_of_another_machine_is_said():
    with pytest.raises(SystemExit, match=r"Nothing can listen on 192.0.2.1.*--address"):
        await preflight.check_port(Listen("192.0.2.1", 8000), patience_s=0.0)


def test_a_first_start_needs_room_and_a_later_one_does_not(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(0, 0, 100 * 1024 * 1024))
    with pytest.raises(SystemExit, match=r"Only 100 MiB are free.*--data-dir"):
        preflight.make_data_folder(tmp_path / "data")
    (tmp_path / "data" / "postgres").mkdir()
    preflight.make_data_folder(tmp_path / "data")


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit, match=r"cannot be made: Not a directory.*--data-dir"):
        preflight.make_data_folder(tmp_path / "file" / "data")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("CLIPZY_MAX_FILE_SIZE_MB", "many", "CLIPZY_MAX_FILE_SIZE_MB.*integer"),
        ("CLIPZY_STORAGE_TYPE", "s3", "STORAGE_TYPE=s3 needs S3_BUCKET_NAME"),
    ],
)
def test_settings_that_cannot_be_are_named(monkeypatch, name, value, told):
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=f"(?s)These settings cannot be.*{told}"):
        load_settings()


def test_setup_says_that_python_is_too_old(tmp_path):
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    old = tmp_path / "python3.9"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && { echo "Python 3.9.2"; exit 0; }\nexit 1\n')
    old.chmod(0o755)
    done = subprocess.run(["make", "setup", f"PYTHON={old}"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "Clipzy needs Python 3.11 or newer" in done.stderr
    assert "Python 3.9.2" in done.stderr
    assert not (tmp_path / ".venv").exists()

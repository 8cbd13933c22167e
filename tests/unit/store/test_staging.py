import os
import subprocess
import sys
from pathlib import Path

import pytest

from clipzy_server.store.staging import Staging

LONG_S = 3600.0

STAGE_AND_WAIT = """
import sys
from pathlib import Path
from clipzy_server.store.staging import Staging
Staging(Path(sys.argv[1])).new_path().write_bytes(b"half")
print("halfway", flush=True)
sys.stdin.read()
"""


def left(root: Path) -> list[str]:
    return sorted(path.name for path in root.rglob("*"))


def test_what_a_killed_process_staged_goes_at_once_and_what_a_living_one_stages_stays(tmp_path: Path) -> None:
    mine = Staging(tmp_path)
    kept = mine.new_path()
    kept.write_bytes(b"mine")
    command = [sys.executable, "-c", STAGE_AND_WAIT, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"halfway\n"
        assert Staging(tmp_path).sweep(LONG_S) == 0
        other.kill()
        other.wait()
        assert Staging(tmp_path).sweep(LONG_S) == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [kept.parent.with_suffix(".lock"), kept]


def test_a_process_that_ends_well_leaves_nothing(tmp_path: Path) -> None:
    staging = Staging(tmp_path)
    staging.new_path().mkdir()
    staging.new_path().write_bytes(b"left")
    staging.close()
    assert left(tmp_path) == []
    assert staging.new_path().parent.is_dir()
    staging.close()
    assert left(tmp_path) == []


def test_a_process_that_stages_nothing_claims_nothing(tmp_path: Path) -> None:
    Staging(tmp_path).close()
    assert left(tmp_path) == []


def test_what_an_earlier_version_staged_goes_when_it_is_old(tmp_path: Path) -> None:
    staging = Staging(tmp_path)
    for name in ("old", "young"):
        (tmp_path / f"{name}-folder" / "deep").mkdir(parents=True)
        (tmp_path / f"{name}-file").write_bytes(b"left")
    for name in ("old-folder", "old-file"):
        os.utime(tmp_path / name, (0, 0))
    assert staging.sweep(LONG_S) == 2
    assert left(tmp_path) == ["deep", "young-file", "young-folder"]


def test_a_sweep_passes_over_what_vanishes_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    staging = Staging(tmp_path)
    monkeypatch.setattr(Path, "iterdir", lambda _: iter([tmp_path / "vanished"]))
    monkeypatch.setattr(Path, "glob", lambda *_: iter([tmp_path / "vanished.lock"]))
    assert staging.sweep(-1) == 0

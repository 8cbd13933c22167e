import os
import time
from pathlib import Path

import pytest

from clipzy_server.app.parts import open_store
from clipzy_server.app.settings import Settings
from clipzy_server.store.blobs import STAGING

HOUR_S = 3600.0
NOWHERE = "postgresql://clipzy@/clipzy?host=/nowhere"


def _settings(folder: Path, **others: float | str) -> Settings:
    return Settings(data_dir=folder, database_url=NOWHERE, **others)


def _staged(folder: Path, name: str, age_s: float) -> Path:
    path = folder / "storage" / STAGING / name
    path.mkdir(parents=True)
    (path / "output.mp4").write_bytes(b"half an output")
    then_s = time.time() - age_s
    os.utime(path, (then_s, then_s))
    return path


async def test_the_store_opens_without_what_crashed_processes_left(tmp_path: Path) -> None:
    left, busy = _staged(tmp_path, "left", 25 * HOUR_S), _staged(tmp_path, "busy", 23 * HOUR_S)
    async with open_store(_settings(tmp_path)):
        assert (left.exists(), busy.exists()) == (False, True)


async def test_a_stage_that_may_run_for_days_keeps_its_folder(tmp_path: Path) -> None:
    busy = _staged(tmp_path, "busy", 25 * HOUR_S)
    async with open_store(_settings(tmp_path, processing_timeout_seconds=48 * HOUR_S)):
        assert busy.exists()


async def test_without_a_database_the_remedy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLIPZY_DATABASE_URL", raising=False)
    with pytest.raises(SystemExit, match="CLIPZY_DATABASE_URL"):
        async with open_store(Settings(data_dir=tmp_path)):
            pytest.fail("it opened")


@pytest.mark.parametrize(("seconds", "gives_away"), [(0, False), (60, True)])
async def test_s3_gives_files_away_where_a_setting_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: int, gives_away: bool
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    on_s3 = {"storage_type": "s3", "s3_bucket_name": "clips", "aws_region": "us-east-1", "s3_presign_seconds": seconds}
    async with open_store(_settings(tmp_path, **on_s3)) as store:
        link = await store.blobs.link("job_1/output.mp4", "GET")
    assert (link is not None and "X-Amz-Signature=" in link) is gives_away

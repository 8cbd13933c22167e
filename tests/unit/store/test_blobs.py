from pathlib import Path

import pytest

from clipzy_server.store.blobs import STAGING, Blobs, BlobSettings


async def test_a_sweep_passes_over_what_vanishes_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs = Blobs(BlobSettings(tmp_path))
    file, folder = blobs.staged_path(), blobs.staged_path()
    file.write_bytes(b"left")
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "left").write_bytes(b"left")
    vanished = blobs.staged_path()
    monkeypatch.setattr(Path, "iterdir", lambda _: iter([vanished, file, folder]))
    assert await blobs.sweep(-1) == 2
    monkeypatch.undo()
    assert list((tmp_path / STAGING).iterdir()) == []

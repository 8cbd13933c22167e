"""Each wall of the box is tried with the others down, and all of them with the rules for formats down."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clipzy_server.domain.errors import ErrorCode, Invalid, StageFailed
from clipzy_server.media import confinement
from clipzy_server.media.confinement import BoxMode, BoxState, View, box_state
from clipzy_server.media.container import open_container, open_video
from clipzy_server.media.sandbox import Sandbox
from clipzy_server.media.sandbox_limits import BoxPolicy
from tests.unit.media.clips import write_video

TASKS = "wall_tasks"
EVERYTHING = {
    "read", "list", "write", "passwd", "owner's environment", "tcp", "unix socket", "signal", "stop template",
}  # fmt: skip

pytestmark = pytest.mark.skipif(
    box_state(BoxMode.REQUIRED) is not BoxState.CLOSED, reason="this kernel has no Landlock or no call filters"
)


@pytest.fixture
async def boxes(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[dict[BoxMode, Sandbox]]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
    monkeypatch.setenv("CLIPZY_DATABASE_URL", "postgresql://clipzy:secret@nowhere/clipzy")
    found = {mode: Sandbox([TASKS], policy=BoxPolicy(mode)) for mode in (BoxMode.REQUIRED, BoxMode.OFF)}
    yield found
    await asyncio.gather(*(box.close() for box in found.values()))


@pytest.fixture
def surroundings(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """A secret beside the task's own folder, a server on a port and one on a path."""
    secret = tmp_path / "others" / "secret"
    secret.parent.mkdir()
    secret.write_text("canary")
    path = str(tmp_path / "s")
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
        local.bind(path)
        local.listen()
        yield {"secret": str(secret), "port": server.getsockname()[1], "socket": path, "owner": os.getpid()}


async def test_an_open_box_reaches_everything(boxes: dict[BoxMode, Sandbox], surroundings: dict[str, Any]) -> None:
    answer = await boxes[BoxMode.OFF].run(f"{TASKS}:reach", surroundings)
    assert set(answer["reached"]) == EVERYTHING


async def test_a_closed_box_reaches_nothing(boxes: dict[BoxMode, Sandbox], surroundings: dict[str, Any]) -> None:
    answer = await boxes[BoxMode.REQUIRED].run(f"{TASKS}:reach", surroundings)
    assert answer["reached"] == []


@pytest.mark.parametrize(
    ("wall", "holds"),
    [
        ("namespace", {"tcp"}),
        ("landlock", {"read", "list", "write", "passwd", "owner's environment", "signal", "stop template"}),
        ("calls", {"tcp", "unix socket"}),
    ],
)
async def test_each_wall_stands_alone(
    boxes: dict[BoxMode, Sandbox], surroundings: dict[str, Any], wall: str, holds: set[str]
) -> None:
    answer = await boxes[BoxMode.OFF].run(f"{TASKS}:reach_behind_one_wall", {"wall": wall, **surroundings})
    if not answer["stood"]:
        pytest.skip("this kernel or this user may not")
    assert holds <= EVERYTHING - set(answer["reached"])


async def test_a_closed_box_sees_what_its_view_names(boxes: dict[BoxMode, Sandbox], tmp_path: Path) -> None:
    clip = _clip(tmp_path / "clip.mp4")
    box = boxes[BoxMode.REQUIRED]
    assert (await box.run(f"{TASKS}:play", {"path": str(clip)}))["frames"] == 0
    assert (await box.run(f"{TASKS}:play", {"path": str(clip)}, view=View(reads=(str(clip),))))["frames"] > 0


async def test_passwords_of_the_environment_do_not_get_in(boxes: dict[BoxMode, Sandbox]) -> None:
    assert "secret" not in str(await boxes[BoxMode.REQUIRED].run(f"{TASKS}:environment", {}))


def _clip(path: Path) -> Path:
    return write_video(path, [np.full((32, 32, 3), level, np.uint8) for level in range(0, 250, 50)])


def reference(kind: str, target: Path) -> bytes:
    """A small file that tells FFmpeg to read another one."""
    texts = {
        "ffconcat": f"ffconcat version 1.0\nfile '{target}'\n",
        "hls": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{target}\n#EXT-X-ENDLIST\n",
    }
    return texts[kind].encode()


@pytest.mark.parametrize("kind", ["ffconcat", "hls"])
async def test_a_file_that_names_another_is_kept_from_it_by_the_rules_alone_and_by_the_box_alone(
    boxes: dict[BoxMode, Sandbox], tmp_path: Path, kind: str
) -> None:
    target = _clip(tmp_path / "private.mp4")
    path = tmp_path / f"upload.{'m3u8' if kind == 'hls' else 'mp4'}"
    path.write_bytes(reference(kind, target))
    view = View(reads=(str(path),))
    with pytest.raises(Invalid) as refused:
        open_video(path)
    assert refused.value.code is ErrorCode.UNSUPPORTED_FORMAT
    with pytest.raises(Invalid):
        open_container(path)
    without_either = await boxes[BoxMode.OFF].run(f"{TASKS}:play", {"path": str(path)}, view=view)
    assert without_either["frames"] > 0
    without_rules = await boxes[BoxMode.REQUIRED].run(f"{TASKS}:play", {"path": str(path)}, view=view)
    assert without_rules["frames"] == 0


async def test_a_box_that_must_close_and_cannot_runs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confinement, "landlock_version", lambda: 0)
    assert box_state(BoxMode.REQUIRED) is BoxState.PARTIAL
    assert box_state(BoxMode.OFF) is BoxState.OFF
    # Python starts every child here with the look-up of a library that is not there: its walls fail to stand.
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent / "no_landlock"), prepend=os.pathsep)
    box = Sandbox([], policy=BoxPolicy(BoxMode.REQUIRED))
    try:
        with pytest.raises(StageFailed) as caught:
            await box.run("wall_tasks:environment", {})
        assert "does not close" in caught.value.message
    finally:
        await box.close()

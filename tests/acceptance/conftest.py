"""The whole of Clipzy for the acceptance tests: `clipzy up` on a free port, and small clips of known truth."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import httpx
import numpy as np
import psutil
import pytest

from clipzy_server.app.folder import DataFolder
from clipzy_server.app.prepare import FIRST_OWNER
from demo.music import SAMPLE_RATE_HZ, make_music
from tests.acceptance.belongings import furnish

CLIPZY = Path(sys.executable).with_name("clipzy")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of one stack run in one worker."""
    for item in items:
        if "acceptance" in Path(item.fspath).parts:
            item.add_marker(pytest.mark.xdist_group("acceptance"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Stack:
    """A running `clipzy up` on a data folder."""

    data_dir: Path
    port: int
    process: subprocess.Popen[str]

    @property
    def token(self) -> str:
        return (self.data_dir / "token").read_text().strip()

    @property
    def server_socket(self) -> Path:
        """Where the server itself listens, behind the gateway."""
        return DataFolder(self.data_dir).runtime / "serve.sock"

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}/api/v1",
            headers={"authorization": f"Bearer {self.token}"},
            timeout=60,
            trust_env=False,
        )

    def new_token(self, *options: str, owner: str = FIRST_OWNER) -> str:
        """A further token, as `clipzy token create` prints it."""
        command = [str(CLIPZY), "token", "create", "--owner", owner, *options, "--data-dir", str(self.data_dir)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def children(self, command: str) -> list[psutil.Process]:
        """Direct children of the supervisor that run `clipzy COMMAND`."""
        parent = psutil.Process(self.process.pid)
        return [child for child in parent.children() if command in child.cmdline()]

    def kill_everything(self) -> None:
        family = [*psutil.Process(self.process.pid).children(recursive=True), psutil.Process(self.process.pid)]
        for member in family:
            with_pid(member, signal.SIGKILL)
        psutil.wait_procs(family, timeout=20)
        self.process.wait()


def with_pid(process: psutil.Process, number: signal.Signals) -> None:
    """Sends a signal to a process that may already be gone."""
    if process.is_running():
        os.kill(process.pid, number)


def start(data_dir: Path, port: int, **environment: str) -> Stack:
    with (data_dir.parent / f"{data_dir.name}.log").open("ab") as log:
        process = subprocess.Popen(
            [str(CLIPZY), "up", "--data-dir", str(data_dir), "--port", str(port)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "CLIPZY_WEBHOOK_ALLOW_PRIVATE": "true", **environment},
        )
    with process.stdout as printed:
        line = next((line for line in printed if line.startswith("ready ")), None)
    assert line == f"ready http://127.0.0.1:{port}\n", f"Clipzy did not come up: {line!r}"
    return Stack(data_dir, port, process)


def stop(stack: Stack) -> None:
    stack.process.send_signal(signal.SIGTERM)
    assert stack.process.wait(timeout=30) == 0


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    running = start(tmp_path_factory.mktemp("clipzy") / "data", free_port())
    yield running
    stop(running)


@pytest.fixture(scope="session")
def stranger_token(stack: Stack) -> str:
    return stack.new_token(owner="stranger")


@pytest.fixture(scope="session")
def reader_token(stack: Stack) -> str:
    """The first owner's, for reading."""
    return stack.new_token("--scope", "read")


@pytest.fixture(scope="session")
def mine(stack: Stack) -> dict[str, str]:
    """One of everything, of the first owner."""
    with stack.client() as client:
        return furnish(client)


@pytest.fixture(scope="session")
def theirs(stack: Stack, stranger_token: str) -> dict[str, str]:
    """One of everything, of another owner."""
    with stack.client() as client:
        client.headers["authorization"] = f"Bearer {stranger_token}"
        return furnish(client)


def write_clip(path: Path, size: tuple[int, int], rate: int, shots_s: list[float], tempo_bpm: float) -> None:
    """Textured shots of the given lengths, each with a colour of its own, with music."""
    random = np.random.default_rng(5)
    width, height = size
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "crf": "20"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        audio = container.add_stream("aac", rate=SAMPLE_RATE_HZ, layout="stereo")
        for seconds in shots_s:
            coarse = random.integers(20, 230, (height // 8 + 8, width // 8 + 8, 3), dtype=np.uint8)
            texture = np.kron(coarse, np.ones((8, 8, 1), np.uint8))
            for n in range(round(seconds * rate)):
                window = texture[n % 40 : n % 40 + height, n % 60 : n % 60 + width]
                container.mux(video.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(window), "rgb24")))
        container.mux(video.encode(None))
        frame = av.AudioFrame.from_ndarray(make_music(tempo_bpm, sum(shots_s), 0.5, 3), "fltp", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE_HZ, 0, Fraction(1, SAMPLE_RATE_HZ)
        for piece in av.AudioResampler("fltp", "stereo", SAMPLE_RATE_HZ, 1024).resample(frame):
            container.mux(audio.encode(piece))
        container.mux(audio.encode(None))


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clips(tmp_path_factory.mktemp("clips"))


def make_clips(folder: Path) -> Path:
    """Puts footage.mp4 (landscape, one cut) and template.mp4 (portrait, cuts every second at 120 bpm) into a folder."""
    write_clip(folder / "footage.mp4", (480, 270), 25, [3.2, 3.2], 100)
    write_clip(folder / "template.mp4", (180, 320), 30, [1.0] * 5, 120)
    return folder


@pytest.fixture
def folder(tmp_path, stack, clips) -> Path:
    """What the examples expect to find: two clips and the token."""
    for name in ("footage.mp4", "template.mp4"):
        shutil.copy(clips / name, tmp_path / name)
    (tmp_path / "data").mkdir()
    shutil.copy(stack.data_dir / "token", tmp_path / "data" / "token")
    return tmp_path


@pytest.fixture(scope="session")
def launcher() -> type["Launcher"]:
    """Starts and stops stacks of a test's own."""
    return Launcher


class Launcher:
    free_port = staticmethod(free_port)
    start = staticmethod(start)
    stop = staticmethod(stop)

"""Real videos, small ones, and the box that reads them."""

from collections.abc import AsyncIterator, Callable
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest

from clipzy_server.media.sandbox import Sandbox


@pytest.fixture(scope="session")
async def sandbox() -> AsyncIterator[Sandbox]:
    """The box in which uploads are probed."""
    box = Sandbox(("clipzy_server.media.probe",))
    yield box
    await box.close()


@pytest.fixture(scope="session")
def film() -> bytes:
    """An MP4 file: 12 pictures of 64 × 48 pixels at 24 a second, no sound."""
    file = BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=24, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.thread_count = 1
        for number in range(12):
            picture = np.full((48, 64, 3), 20 * number, np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        out.mux(stream.encode(None))
    return file.getvalue()


@pytest.fixture(scope="session")
def song() -> bytes:
    """An MP4 file with half a second of silence and no picture."""
    file = BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("aac", rate=48000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 24000), np.float32), "fltp", "mono")
        frame.sample_rate, frame.pts = 48000, 0
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


@pytest.fixture
def published(tmp_path: Path) -> Callable[[], list[str]]:
    """`published()`: every stored file, as a path below the storage folder, the staging folder left out."""
    root = tmp_path / "storage"

    def list_files() -> list[str]:
        found = [path.relative_to(root) for path in root.rglob("*") if path.is_file()]
        return sorted(str(path) for path in found if path.parts[0] != ".staging")

    return list_files


@pytest.fixture
def staged(tmp_path: Path) -> Callable[[], list[Path]]:
    """`staged()`: everything that processes stage."""
    return lambda: list((tmp_path / "storage" / ".staging").glob("*/*"))

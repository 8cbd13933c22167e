"""The README's own examples, run as they are printed against the whole of Clipzy."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import av
import pytest

README = Path(__file__).parents[2] / "README.md"
CLIPZY = str(Path(sys.executable).with_name("clipzy"))


def example(name: str, page: Path = README) -> str:
    found = re.search(rf"<!-- tested: {name} -->\n```\w+\n(.*?)```", page.read_text(), re.DOTALL)
    assert found, f"{page} has no example {name}"
    return found[1]


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def size_of(path: Path) -> tuple[int, int]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert sum(1 for _ in container.decode(stream)) > 10
        return stream.width, stream.height


def test_curl_example_transfers_a_style(stack, folder):
    script = example("curl").replace(":8000", f":{stack.port}")
    run(["bash", "-euo", "pipefail", "-c", script], folder)
    result = json.loads((folder / "result.json").read_text())["data"]
    assert result["status"] == "completed"
    assert result["style_json"]["aspect_ratio"] == "9:16"
    width, height = size_of(folder / "out.mp4")
    assert abs(width / height - 9 / 16) < 0.02
    last = [line for line in (folder / "events.txt").read_text().splitlines() if line.startswith("data:")][-1]
    assert json.loads(last.removeprefix("data:"))["status"] == "completed"


def test_the_clients_own_example_transfers_a_style(stack, folder):
    """The README's longer one is run with the client alone, in test_client_alone.py."""
    program = example("python", README.parent / "packaging" / "client" / "README.md")
    run([sys.executable, "-c", program.replace(":8000", f":{stack.port}")], folder)
    width, height = size_of(folder / "out.mp4")
    assert width < height


@pytest.mark.parametrize("way", ["gateway", "direct"])
def test_generated_stubs_alone_do_the_whole(stack, folder, way):
    target = f"127.0.0.1:{stack.port}" if way == "gateway" else f"unix:{stack.server_socket}"
    run([sys.executable, "-c", example("stubs").replace("127.0.0.1:8000", target)], folder)
    assert size_of(folder / "out.mp4") == (480, 270)


def test_inspect_example_draws_and_prints_the_style(clips, tmp_path):
    shutil.copy(clips / "template.mp4", tmp_path)
    run(["bash", "-euo", "pipefail", "-c", example("inspect").replace(".venv/bin/clipzy", CLIPZY)], tmp_path)
    style = json.loads((tmp_path / "style.json").read_text())
    assert style["aspect_ratio"] == "9:16"
    assert (tmp_path / "template-style.png").read_bytes().startswith(b"\x89PNG")
    assert "template.mp4" in (tmp_path / "template-style.html").read_text()


def test_commands_example_transfers_and_saves(stack, folder):
    script = example("commands").replace(":8000", f":{stack.port}").replace(".venv/bin/clipzy", CLIPZY)
    printed = run(["bash", "-euo", "pipefail", "-c", script], folder)
    assert "summer" in printed
    width, height = size_of(folder / "out.mp4")
    assert width < height
    assert json.loads((folder / "timeline.otio").read_text())["OTIO_SCHEMA"].startswith("Timeline")


def test_receiver_example_verifies_what_clipzy_sends(stack, folder, launcher):
    secret = run([CLIPZY, "webhook-secret", "--data-dir", str(stack.data_dir)], folder)
    (folder / "secret").write_text(secret)
    port = launcher.free_port()
    code = example("receiver").replace("9000", str(port))
    receiver = subprocess.Popen([sys.executable, "-c", code], cwd=folder, stdout=subprocess.PIPE, text=True)
    try:
        with stack.client() as client:
            footage = ("footage.mp4", (folder / "footage.mp4").read_bytes())
            video = client.post("/videos/upload", files={"file": footage}).json()["data"]
            asked = {"video_id": video["video_id"], "webhook_url": f"http://127.0.0.1:{port}/"}
            job_id = client.post("/jobs", json=asked).json()["data"]["job_id"]
            client.post(f"/jobs/{job_id}/cancel")
            delivery_id, *told = receiver.stdout.readline().split()
            assert told == [job_id, "cancelled"]
            (delivery,) = client.get("/webhook-deliveries", params={"job_id": job_id}).json()["data"]["deliveries"]
            assert delivery["delivery_id"] == delivery_id
    finally:
        receiver.kill()
        receiver.communicate()

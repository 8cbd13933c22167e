"""Every block of code in the documentation, run as it is printed: a page is one shell script, its blocks in order."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.acceptance.test_readme import CLIPZY, run, size_of

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))
CODE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARKED = re.compile(r"^<!-- tested(?:: (\w+))? -->\n```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    how: str
    language: str
    code: str


def blocks(page: str) -> list[Block]:
    return [Block(*found) for found in MARKED.findall((DOCS / page).read_text())]


def script(page: str, **changes: str) -> str:
    """The shell blocks of the page, its Python in place, and its background programs ended at the end."""
    parts = ["trap 'kill $(jobs -p) 2>/dev/null || true; wait || true' EXIT"]
    for block in blocks(page):
        if block.language == "python":
            parts.append(f".venv/bin/python - <<'PYTHON'\n{block.code}PYTHON")
        elif block.language == "bash":
            parts.append(f"{block.code.strip()} &" if block.how == "background" else block.code)
    text = "\n".join(parts)
    for old, new in {".venv/bin/clipzy": CLIPZY, ".venv/bin/python": sys.executable, **changes}.items():
        text = text.replace(old, new)
    return text


def played(page: str, folder: Path, environment: dict[str, str] | None = None, **changes: str) -> str:
    """What the page prints."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script(page, **changes)],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("page", PAGES)
def test_every_block_of_code_is_tested(page):
    assert len(CODE.findall((DOCS / page).read_text())) == len(blocks(page)), "mark it <!-- tested -->, or make it text"


def test_the_tutorial_goes_from_nothing_to_a_video(stack, folder):
    played("tutorial.md", folder, **{":8000": f":{stack.port}"})
    for name in ("out.mp4", "again.mp4", "python.mp4"):
        assert size_of(folder / name)
    assert (folder / "report.html").read_text().startswith("<!doctype html>")
    assert json.loads((folder / "style.json").read_text())["aspect_ratio"] == "9:16"
    assert (folder / "grade.cube").stat().st_size > 1000


def test_webhooks_are_received(stack, folder, launcher):
    ports = {":8000": f":{stack.port}", "9000": str(launcher.free_port())}
    printed = played("how-to/webhooks.md", folder, **ports, **{"--data-dir data": f"--data-dir {stack.data_dir}"})
    delivery_id, job_id, status = (folder / "told.txt").read_text().split()
    assert status == "completed"
    assert job_id.startswith("job_")
    assert f"{delivery_id} delivered [204]" in printed
    assert "answer 401" in printed


def test_the_parts_run_one_by_one(folder, launcher, empty_database_url):
    storage = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    storage.start()
    try:
        host, port = storage.get_host_and_port()
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        endpoint = {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ALLOW_HTTP": "true"}
        boto3.client(
            "s3",
            endpoint_url=endpoint["AWS_ENDPOINT_URL"],
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        ).create_bucket(Bucket="clipzy")
        ports = {":50051": f":{launcher.free_port()}", "8000": str(launcher.free_port())}
        database = {"postgresql://clipzy@db.example/clipzy": f"'{empty_database_url}'"}
        environment = {**keys, **endpoint, "LOCAL_STORAGE_PATH": str(folder / "staging")}
        printed = played("how-to/many-machines.md", folder, environment, **ports, **database)
    finally:
        storage.stop()
    assert '"workers"' in printed


@pytest.mark.parametrize("page", ["how-to/s3.md", "how-to/commercial-beat-tracker.md"])
def test_the_settings_are_such(page, folder):
    assert played(page, folder).split()[-1] in ("s3", "flux")


@pytest.fixture
def cancelled(stack, folder) -> dict[str, str]:
    """Where the API is, and a job that has ended."""
    with stack.client() as client:
        footage = ("footage.mp4", (folder / "footage.mp4").read_bytes())
        video = client.post("/videos/upload", files={"file": footage}).json()["data"]
        job_id = client.post("/jobs", json={"video_id": video["video_id"]}).json()["data"]["job_id"]
        client.post(f"/jobs/{job_id}/cancel")
    api = f"http://127.0.0.1:{stack.port}/api/v1"
    return {"API": api, "AUTH": f"authorization: Bearer {stack.token}", "JOB": job_id, "TOKEN": stack.token}


def test_a_job_is_watched_from_the_shell(cancelled, folder):
    assert '"cancelled"' in played("watching.md", folder, cancelled)


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node to run JavaScript with")
def test_a_job_is_watched_from_javascript(cancelled, folder):
    parsed, watching = (block for block in blocks("watching.md") if block.language == "js")
    (folder / "parsed.mjs").write_text(parsed.code)
    run(["node", "--check", "parsed.mjs"], folder)
    named = ", ".join(json.dumps(cancelled[name]) for name in ("API", "JOB", "TOKEN"))
    (folder / "watch.mjs").write_text(f"{watching.code}\nawait watch({named}, (job) => console.log(job.status));")
    assert run(["node", "watch.mjs"], folder) == "cancelled\n"

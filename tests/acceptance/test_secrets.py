"""Nothing secret is in what Clipzy writes down."""

import os
import subprocess
from pathlib import Path

from tests.acceptance.conftest import CLIPZY, Stack

PASSWORD = "correct-horse-battery"


def written(data_dir: Path) -> str:
    """All logs, of the programs and of their supervisor."""
    files = [*(data_dir / "logs").iterdir(), data_dir.parent / f"{data_dir.name}.log"]
    return "".join(file.read_text(errors="replace") for file in files)


def test_tokens_and_secrets_are_in_no_log(stack: Stack, stranger_token: str, mine: dict[str, str]) -> None:
    secret = subprocess.run(
        [str(CLIPZY), "webhook-secret", "--data-dir", str(stack.data_dir)], capture_output=True, text=True, check=True
    ).stdout.strip()
    wrong = f"{stranger_token[:-4]}oops"
    with stack.client() as client:
        assert client.get("/jobs", headers={"authorization": f"Bearer {wrong}"}).status_code == 401
        assert client.get("/jobs", params={"token": stack.token}).status_code == 422
        body = {"video_id": mine["video"], "webhook_url": f"http://user:{PASSWORD}@127.0.0.1:9/hook"}
        client.post("/jobs", json={**body, "config": {"dry_run": True}})
    log = written(stack.data_dir)
    assert "/api/v1/jobs" in log
    for kept in (stack.token, stranger_token, wrong, secret, PASSWORD):
        assert kept not in log


def test_tokens_are_in_the_database_as_hashes_only(stack: Stack, stranger_token: str) -> None:
    files = (path for path in (stack.data_dir / "postgres").rglob("*") if path.is_file())
    kept = b"".join(path.read_bytes() for path in files)
    for token in (stack.token, stranger_token):
        assert token.encode() not in kept


def test_the_password_of_the_database_is_in_no_log(stack: Stack) -> None:
    folder = stack.server_socket.parent
    url = f"postgresql://clipzy:{PASSWORD}@/clipzy?host={folder}"
    told = subprocess.run(
        [str(CLIPZY), "migrate"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "CLIPZY_DATABASE_URL": url, "LOG_LEVEL": "DEBUG"},
    )
    assert PASSWORD not in told.stdout + told.stderr

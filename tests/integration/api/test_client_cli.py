"""The commands that talk to Clipzy, against the real server."""

import asyncio
import json
import socket

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from clipzy_client.cli import app
from clipzy_client.cli.endings import ExitCode
from clipzy_server.domain.job import JobFailure, Stage
from tests.integration.api.lines import Line
from tests.integration.api.test_client import CONTENT, complete


@pytest.fixture
async def command(through, monkeypatch):
    """`await command("jobs", "list")` → the ended command."""
    async with through(Line()) as client:
        monkeypatch.setenv("CLIPZY_SERVER", client.server)
        monkeypatch.setenv("CLIPZY_TOKEN", client.token)

        async def call(*words):
            # The server runs in this process: its log must not be taken for what the command prints.
            with capture_logs():
                return await asyncio.to_thread(CliRunner().invoke, app, list(words))

        call.client = client
        yield call


@pytest.fixture
async def job(command, video):
    return await command.client.jobs.create(video.video_id)


async def test_a_file_is_uploaded_and_told(command, tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"film")
    human = await command("upload", str(tmp_path / "a.mp4"))
    assert human.exit_code == 0, human.output
    assert human.stdout.startswith("vid_")
    assert "64×36, 30 fps, 4.00 s, h264" in human.stdout
    again = await command("upload", str(tmp_path / "a.mp4"), "--json")
    assert json.loads(again.stdout)["filename"] == "a.mp4"
    assert again.stderr == ""


async def test_run_does_the_whole(command, desk, tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"film")
    out = tmp_path / "out.mp4"
    running = asyncio.create_task(command("run", str(tmp_path / "a.mp4"), "-o", str(out), "--quality", "low"))
    queued = desk.queue.queued  # filled before the creation is committed
    while not queued or await desk.progress.started(queued[0]) is None:  # noqa: ASYNC110 - another thread's work
        await asyncio.sleep(0.01)
    await complete(desk, queued[0])
    ended = await running
    assert (ended.exit_code, ended.stdout) == (0, f"{out}\n")
    assert out.read_bytes() == CONTENT
    told = ended.stderr.splitlines()
    assert (told[0], told[-2:]) == ("upload a.mp4", ["completed", "download out.mp4"])


async def test_an_interrupted_run_says_how_to_go_on(command, desk, tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("clipzy_client.sync.jobs.Job.wait", interrupted)
    (tmp_path / "a.mp4").write_bytes(b"film")
    ended = await command("run", str(tmp_path / "a.mp4"), "-o", str(tmp_path / "out.mp4"))
    assert ended.exit_code == ExitCode.INTERRUPTED
    (job_id,) = desk.queue.queued
    assert f"{job_id} goes on: clipzy jobs watch" in ended.stderr


async def test_nothing_is_sent_when_there_is_no_place_for_the_output(command, tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"film")
    ended = await command("run", str(tmp_path / "a.mp4"), "-o", str(tmp_path / "none" / "out.mp4"))
    assert ended.exit_code == ExitCode.USAGE
    assert "There is no folder" in ended.stderr
    assert (await command("videos", "list", "--json")).stdout == "[]\n"


async def test_videos_are_listed_and_deleted(command, video):
    listed = await command("videos", "list")
    assert video.video_id in listed.stdout
    assert video.filename in listed.stdout
    deleted = await command("videos", "delete", video.video_id)
    assert deleted.stdout == f"deleted {video.video_id}\n"
    assert (await command("videos", "delete", video.video_id)).exit_code == ExitCode.NOT_FOUND


async def test_jobs_are_listed_shown_cancelled_and_repeated(command, job):
    assert job.job_id in (await command("jobs", "list")).stdout
    assert [each["job_id"] for each in json.loads((await command("jobs", "list", "--json")).stdout)] == [job.job_id]
    assert (await command("jobs", "list", "--status", "failed", "--json")).stdout == "[]\n"
    assert "cancelled" in (await command("jobs", "cancel", job.job_id)).stdout
    again = json.loads((await command("jobs", "retry", job.job_id, "--json")).stdout)
    assert again["status"] == "queued"
    shown = await command("jobs", "show", job.job_id, "--json")
    assert json.loads(shown.stdout)["job"]["status"] == "cancelled"


async def test_watching_tells_each_change_and_fails_as_the_job_does(command, desk, job):
    await desk.progress.started(job.job_id)
    await desk.progress.failed(job.job_id, JobFailure(Stage.RENDERING, "RENDER_FAILED", "The [encoder] broke."))
    watched = await command("jobs", "watch", job.job_id, "--json")
    assert watched.exit_code == ExitCode.JOB_ENDED_OTHERWISE
    assert json.loads(watched.stdout)["error"]["code"] == "RENDER_FAILED"
    assert "RENDER_FAILED: The [encoder] broke." in watched.stderr


async def test_styles_are_saved_compared_and_deleted(command, desk, job, tmp_path):
    await complete(desk, job.job_id)
    first = json.loads((await command("styles", "save", "warm", "--job", job.job_id, "--json")).stdout)
    given = first["style"] | {"cut_frequency": 30.0}
    (tmp_path / "style.json").write_text(json.dumps(given))
    second = json.loads(
        (await command("styles", "save", "fast", "--file", str(tmp_path / "style.json"), "--json")).stdout
    )
    listed = await command("styles", "list")
    assert [line.split()[1] for line in listed.stdout.splitlines()[1:]] == ["fast", "warm"]
    assert "temperature" in (await command("styles", "show", first["style_id"])).stdout
    told = await command("styles", "diff", first["style_id"], second["style_id"])
    assert "cut_frequency" in told.stdout
    assert (await command("styles", "delete", first["style_id"])).exit_code == 0
    assert (await command("styles", "show", first["style_id"])).exit_code == ExitCode.NOT_FOUND


async def test_a_jobs_file_is_saved(command, desk, job, tmp_path):
    await complete(desk, job.job_id)
    ended = await command("jobs", "save", job.job_id, "grade.cube", "-o", str(tmp_path / "a.cube"))
    assert ended.exit_code == 0, ended.output
    assert (tmp_path / "a.cube").read_bytes().startswith(b"LUT_3D_SIZE")
    assert (await command("jobs", "save", job.job_id, "none.cube", "-o", str(tmp_path / "b"))).exit_code == 5
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith("b")] == []


@pytest.mark.parametrize(
    ("words", "environment", "code", "told"),
    [
        (["jobs", "show", "job_none"], {}, ExitCode.NOT_FOUND, "JOB_NOT_FOUND"),
        (["jobs", "list"], {"CLIPZY_TOKEN": ""}, ExitCode.NOT_ALLOWED, "--token @data/token"),
        (["jobs", "list"], {"CLIPZY_SERVER": "127.0.0.1:1"}, ExitCode.UNREACHABLE, "Is Clipzy running?"),
        (["jobs", "list"], {"CLIPZY_SERVER": "ftp://x"}, ExitCode.USAGE, "neither host:port"),
        (["jobs", "list"], {"CLIPZY_TOKEN": "@none"}, ExitCode.USAGE, "No such file"),
        (["styles", "save", "x"], {}, ExitCode.USAGE, "either from a job_id"),
        (["upload", "none.mp4"], {}, ExitCode.USAGE, "none.mp4"),
        (["webhook", "listen"], {}, ExitCode.USAGE, "clipzy webhook-secret"),
        (["webhook", "listen", "--secret", "@none"], {}, ExitCode.USAGE, "No such file"),
    ],
)
async def test_an_error_has_its_exit_code_and_says_what_to_do(command, monkeypatch, words, environment, code, told):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    ended = await command(*words)
    assert ended.exit_code == code
    assert told in ended.stderr
    assert ended.stdout == ""


def test_a_port_that_is_taken_is_said():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = CliRunner().invoke(app, ["webhook", "listen", "--secret", "whsec_AAAA", "--port", port])
    assert ended.exit_code == ExitCode.UNREACHABLE
    assert f"Port {port} of 127.0.0.1 is taken" in ended.stderr

"""Nothing accepted is lost, whatever is killed."""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from clipzy_client import Clipzy, Job, JobConfig, JobStatus

PATIENCE_S = 180
# Of a job that goes on where it was; at the end none is the current stage.
ONLY_RENDERING = {"rendering", None}


@pytest.fixture
def own_stack(tmp_path, launcher):
    """A stack of this test's own, to be killed."""
    stack = launcher.start(tmp_path / "data", launcher.free_port())
    yield stack
    if stack.process.poll() is None:
        launcher.stop(stack)


def begin(stack, clips: Path) -> Job:
    with Clipzy(f"127.0.0.1:{stack.port}", stack.token) as client:
        template, footage = (client.videos.upload(clips / name) for name in ("template.mp4", "footage.mp4"))
        return client.jobs.create(
            footage.video_id, template_video_id=template.video_id, config=JobConfig(quality="high")
        )


def until_rendering(client: Clipzy, job_id: str) -> None:
    for seen in client.jobs.watch(job_id):
        if seen.current_stage == "rendering":
            return
    raise AssertionError("the job ended before it could be caught rendering")


def ended(stack, job_id: str) -> tuple[Job, set[str | None]]:
    """The ended job and the stages seen meanwhile. Bounded; connects anew, as the server too may have been killed."""
    stages: set[str | None] = set()
    limit = time.monotonic() + PATIENCE_S
    while time.monotonic() < limit:
        with Clipzy(f"127.0.0.1:{stack.port}", stack.token) as client:
            job = client.jobs.wait(job_id, on_progress=lambda seen: stages.add(seen.current_stage)).job
        if job.status.is_terminal:
            return job, stages
    raise AssertionError(f"the job did not end within {PATIENCE_S} s")


def test_job_goes_on_at_rendering_when_its_worker_is_killed(own_stack, clips):
    job = begin(own_stack, clips)
    with Clipzy(f"127.0.0.1:{own_stack.port}", own_stack.token) as client:
        until_rendering(client, job.job_id)
    workers = own_stack.children("work")
    assert workers
    for worker in workers:
        os.kill(worker.pid, signal.SIGKILL)
    done, stages = ended(own_stack, job.job_id)
    assert done.status is JobStatus.COMPLETED
    assert done.attempt == 2
    assert stages == ONLY_RENDERING


def test_job_goes_on_when_everything_is_killed_and_started_again(own_stack, clips, launcher):
    job = begin(own_stack, clips)
    with Clipzy(f"127.0.0.1:{own_stack.port}", own_stack.token) as client:
        until_rendering(client, job.job_id)
    own_stack.kill_everything()
    again = launcher.start(own_stack.data_dir, own_stack.port)
    try:
        done, stages = ended(again, job.job_id)
        assert done.status is JobStatus.COMPLETED
        assert stages == ONLY_RENDERING
    finally:
        launcher.stop(again)


def runs(process: psutil.Process) -> bool:
    """Whether it has not ended; one that nobody has asked for its exit status holds nothing."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_gateway_that_stands_still_when_its_supervisor_is_killed_holds_nothing_up(own_stack, launcher):
    family = psutil.Process(own_stack.process.pid).children(recursive=True)
    edge = next(member for member in family if "--config-path" in member.cmdline())
    edge.suspend()
    own_stack.process.kill()
    own_stack.process.wait()
    again = launcher.start(own_stack.data_dir, own_stack.port)
    try:
        assert not runs(edge)
    finally:
        launcher.stop(again)
        psutil.wait_procs(family, timeout=20)

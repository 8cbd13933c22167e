import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from clipzy_server.domain.job import JobConfig, JobMode, JobResult, JobStatus, Stage
from clipzy_server.store.jobs import insert_job

STAGES = [stage.value for stage in Stage]


async def is_gone(pid: int) -> bool:
    return await asyncio.to_thread(_is_dead, pid)


def _is_dead(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


async def test_a_job_runs_its_six_stages_once_and_publishes_what_they_made(shop) -> None:
    await shop.add_worker("one")
    job = await shop.add_job(template=await shop.add_video(b"template"))
    over = await shop.until_over(job)
    assert (over.status, over.progress_percent, over.current_stage) == (JobStatus.COMPLETED, 100, None)
    assert shop.ran() == STAGES
    result = await shop.result(job)
    assert isinstance(result, JobResult)
    assert {artifact.name for artifact in result.artifacts} == {"output.mp4", "style.json", "grade.cube"}
    assert set(result.stage_seconds) == set(Stage)
    assert result.style is not None
    assert result.style.cut_frequency == 7.5
    assert result.fidelity is not None
    assert result.fidelity["cuts"].nearness == 1.0
    output = next(artifact for artifact in result.artifacts if artifact.name == "output.mp4")
    assert b"".join([piece async for piece in shop.blobs.read(output.blob_key)]) == b"video of footage"


async def test_an_extraction_ends_after_the_style(shop) -> None:
    await shop.add_worker("one")
    job = await shop.add_job(JobConfig(mode=JobMode.EXTRACT_ONLY))
    assert (await shop.until_over(job)).status is JobStatus.COMPLETED
    assert shop.ran() == STAGES[:4]
    assert (await shop.result(job)).output_video_url is None


async def test_a_stage_that_meets_a_full_disk_is_tried_again(shop) -> None:
    (shop.folder / "full-once-rendering").touch()
    await shop.add_worker("one")
    over = await shop.until_over(await shop.add_job())
    assert (over.status, over.attempt) == (JobStatus.COMPLETED, 1)
    assert shop.ran() == [*STAGES, "rendering"]


async def test_a_job_whose_disk_stays_full_fails_with_that(shop) -> None:
    (shop.folder / "full-video_analysis").touch()
    await shop.add_worker("one")
    over = await shop.until_over(await shop.add_job())
    assert shop.ran().count("video_analysis") == 3
    assert (over.error.stage, over.error.code) == (Stage.VIDEO_ANALYSIS, "INSUFFICIENT_STORAGE")
    assert over.error.message == "The server's disk is full. Retry the job when there is room."


async def test_a_killed_worker_is_resumed_at_the_stage_it_was_in(shop) -> None:
    hold = shop.folder / "hold-rendering"
    hold.touch()
    worker = await shop.add_worker("one")
    job = await shop.add_job()
    await shop.until_running("rendering")
    child = shop.pid_of("rendering")
    before = await shop.job(job)
    worker.kill()
    await worker.wait()
    await shop.until(lambda: is_gone(child))
    hold.unlink()
    await shop.add_worker("one")
    over = await shop.until_over(job)
    assert over.status is JobStatus.COMPLETED
    assert shop.ran() == [*STAGES, "rendering"]
    assert over.attempt == before.attempt + 1


async def test_another_worker_takes_the_jobs_of_a_dead_one(shop) -> None:
    hold = shop.folder / "hold-motion_analysis"
    hold.touch()
    worker = await shop.add_worker("one")
    job = await shop.add_job()
    await shop.until_running("motion_analysis")
    await shop.add_worker("two")
    worker.kill()
    await worker.wait()
    hold.unlink()
    assert (await shop.until_over(job)).status is JobStatus.COMPLETED
    assert shop.ran() == [*STAGES[:3], *STAGES[2:]]


async def test_a_killed_worker_is_missed_after_three_beats_and_its_job_waits_behind_no_other(shop) -> None:
    hold = shop.folder / "hold-motion_analysis"
    hold.touch()
    worker = await shop.add_worker("one", CLIPZY_WORKER_DEAD_SECONDS="3600", MAX_CONCURRENT_JOBS="1")
    # Its turn is the last of three.
    waiting = [await shop.add_job() for _ in range(3)]
    for job in waiting[:2]:
        await shop.cancel(job)
    await shop.until_running("motion_analysis")
    others = [await shop.add_job() for _ in range(2)]
    worker.kill()
    await worker.wait()
    hold.unlink()
    await shop.add_worker("two", CLIPZY_WORKER_DEAD_SECONDS="3600", MAX_CONCURRENT_JOBS="1")
    over = await shop.until_over(waiting[2])
    assert over.status is JobStatus.COMPLETED
    assert over.attempt == 2
    assert [await shop.until_over(job) for job in others]


async def test_of_an_ended_job_only_what_it_published_is_left(shop) -> None:
    hold = shop.folder / "hold-rendering"
    hold.touch()
    worker = await shop.add_worker("one")
    job, called_off = await shop.add_job(), await shop.add_job()
    await shop.until_running("rendering")
    worker.kill()
    await worker.wait()
    hold.unlink()
    await shop.cancel(called_off)
    await shop.add_worker("two")
    await shop.until_over(job)

    async def is_tidy() -> bool:
        result = await shop.result(job)
        return await shop.blobs.keys("jobs") == sorted(artifact.blob_key for artifact in result.artifacts)

    await shop.until(is_tidy)
    assert list((shop.folder / "storage" / ".staging").glob("*/*")) == []


async def test_a_worker_told_to_end_hands_its_job_over(shop) -> None:
    hold = shop.folder / "hold-motion_analysis"
    hold.touch()
    worker = await shop.add_worker("one", CLIPZY_WORKER_DEAD_SECONDS="60")
    job = await shop.add_job()
    await shop.until_running("motion_analysis")
    child = shop.pid_of("motion_analysis")
    worker.terminate()
    async with asyncio.timeout(8):
        assert await worker.wait() == 0
    assert await is_gone(child)
    assert (await shop.job(job)).status is JobStatus.PROCESSING
    hold.unlink()
    await shop.add_worker("two", CLIPZY_WORKER_DEAD_SECONDS="60")
    assert (await shop.until_over(job)).status is JobStatus.COMPLETED
    assert shop.ran() == [*STAGES[:3], *STAGES[2:]]


async def test_the_sound_is_heard_beside_the_picture_and_told_in_its_turn(shop) -> None:
    hold = shop.folder / "hold-video_analysis"
    hold.touch()
    await shop.add_worker("one")
    job = await shop.add_job()
    await shop.until_running("audio_analysis")
    await shop.until_running("video_analysis")
    child = shop.pid_of("audio_analysis")
    await shop.until(lambda: is_gone(child))
    assert (await shop.job(job)).current_stage is Stage.VIDEO_ANALYSIS
    hold.unlink()
    assert (await shop.until_over(job)).status is JobStatus.COMPLETED
    assert shop.ran() == STAGES


@pytest.mark.parametrize("over", ["fail-video_analysis", "terminate", "cancel"])
async def test_a_head_start_ends_when_its_turn_will_not_come(shop, over: str) -> None:
    for name in ("hold-audio_analysis", "hold-video_analysis", "fail-video_analysis"):
        (shop.folder / name).touch()
    worker = await shop.add_worker("one")
    job = await shop.add_job()
    await shop.until_running("video_analysis")
    await shop.until_running("audio_analysis")
    child = shop.pid_of("audio_analysis")
    if over == "terminate":
        worker.terminate()
        assert await worker.wait() == 0
    elif over == "cancel":
        await shop.cancel(job)
    else:
        (shop.folder / "hold-video_analysis").unlink()
        assert (await shop.until_over(job)).error.stage is Stage.VIDEO_ANALYSIS
    await shop.until(lambda: is_gone(child))

    async def is_tidy() -> bool:
        return over == "terminate" or not await shop.blobs.keys("jobs")

    await shop.until(is_tidy)


async def test_a_cancelled_job_is_silent_at_once(shop) -> None:
    (shop.folder / "hold-video_analysis").touch()
    await shop.add_worker("one")
    job = await shop.add_job()
    await shop.until_running("video_analysis")
    child = shop.pid_of("video_analysis")
    await shop.cancel(job)
    await shop.until(lambda: is_gone(child))
    assert (await shop.job(job)).status is JobStatus.CANCELLED
    (shop.folder / "hold-video_analysis").unlink()
    second = await shop.add_job()
    assert (await shop.until_over(second)).status is JobStatus.COMPLETED


async def test_a_job_cancelled_in_the_queue_never_runs(shop) -> None:
    job = await shop.add_job()
    await shop.cancel(job)
    await shop.add_worker("one")
    second = await shop.add_job()
    assert (await shop.until_over(second)).status is JobStatus.COMPLETED
    assert shop.ran() == STAGES
    assert (await shop.job(job)).status is JobStatus.CANCELLED


async def test_a_stage_that_fails_fails_the_job_with_its_code(shop) -> None:
    (shop.folder / "fail-rendering").touch()
    await shop.add_worker("one")
    over = await shop.until_over(await shop.add_job())
    assert over.status is JobStatus.FAILED
    assert over.error is not None
    assert (over.error.stage, over.error.code) == (Stage.RENDERING, "RENDER_FAILED")
    assert 86 <= over.progress_percent <= 99


async def test_a_blunder_in_a_stage_is_an_internal_error(shop) -> None:
    (shop.folder / "blunder-audio_analysis").touch()
    await shop.add_worker("one")
    over = await shop.until_over(await shop.add_job())
    assert over.error is not None
    assert (over.error.stage, over.error.code) == (Stage.AUDIO_ANALYSIS, "INTERNAL_ERROR")
    assert over.error.message == "The task ended with an unexpected error."


async def test_a_job_tells_the_detail_of_its_error_only_when_debugged(shop) -> None:
    (shop.folder / "blunder-audio_analysis").touch()
    await shop.add_worker("one", CLIPZY_DEBUG="true")
    over = await shop.until_over(await shop.add_job())
    assert over.error is not None
    assert "ZeroDivisionError in stage_tasks:audio_analysis" in over.error.message


async def test_a_job_that_takes_too_long_fails(shop) -> None:
    (shop.folder / "hold-motion_analysis").touch()
    await shop.add_worker("one", PROCESSING_TIMEOUT_SECONDS="2")
    over = await shop.until_over(await shop.add_job())
    assert over.error is not None
    assert over.error.code == "JOB_TIMEOUT"


async def test_a_stage_whose_child_was_killed_runs_again(shop) -> None:
    (shop.folder / "die-once-style_application").touch()
    await shop.add_worker("one")
    assert (await shop.until_over(await shop.add_job())).status is JobStatus.COMPLETED
    assert shop.ran().count("style_application") == 2


async def test_a_video_that_breaks_its_decoder_fails_alone(shop) -> None:
    (shop.folder / "crash-video_analysis").touch()
    worker = await shop.add_worker("one")
    over = await shop.until_over(await shop.add_job())
    assert over.error is not None
    assert over.error.code == "CORRUPT_VIDEO"
    (shop.folder / "crash-video_analysis").unlink()
    assert (await shop.until_over(await shop.add_job())).status is JobStatus.COMPLETED
    assert worker.returncode is None


async def test_a_video_that_kills_its_stage_every_time_is_given_up_after_three_tries(shop) -> None:
    (shop.folder / "die-audio_analysis").touch()
    worker = await shop.add_worker("one")
    over = await shop.until_over(await shop.add_job())
    assert over.error is not None
    assert over.error.code == "OUT_OF_MEMORY"
    assert shop.ran().count("audio_analysis") == 3
    assert worker.returncode is None


async def test_a_stage_that_hangs_is_tried_three_times_and_then_has_stalled(shop) -> None:
    (shop.folder / "hang-motion_analysis").touch()
    await shop.add_worker("one", CLIPZY_STAGE_STILL_SECONDS="0.2")
    over = await shop.until_over(await shop.add_job())
    assert over.error is not None
    assert over.error.code == "JOB_STALLED"
    assert "no progress" in over.error.message
    assert shop.ran().count("motion_analysis") == 3


async def test_progress_stays_in_the_published_range_of_the_stage(shop) -> None:
    (shop.folder / "hold-motion_analysis").touch()
    await shop.add_worker("one")
    job = await shop.add_job()
    await shop.until_running("motion_analysis")
    for _ in range(1000):
        seen = await shop.job(job)
        if seen.current_stage is Stage.MOTION_ANALYSIS and seen.stage_progress_percent == 100:
            break
        await asyncio.sleep(0.01)
    assert seen.current_stage is Stage.MOTION_ANALYSIS
    assert seen.progress_percent == 55


async def test_a_given_style_is_applied_as_it_is(shop) -> None:
    await shop.add_worker("one")
    first = await shop.add_job(JobConfig(mode=JobMode.EXTRACT_ONLY))
    await shop.until_over(first)
    given = replace((await shop.result(first)).style, cut_frequency=42.0)
    job = await shop.add_job(JobConfig(style_json=given))
    assert (await shop.until_over(job)).status is JobStatus.COMPLETED
    assert shop.ran().count("style_extraction") == 1
    assert (await shop.result(job)).style == given


async def test_a_job_that_nobody_told_of_is_found(shop) -> None:
    async with shop.database.transaction() as connection:
        await connection.execute(text("ALTER TABLE dbos.workflow_status DISABLE TRIGGER clipzy_tell"))
    await shop.add_worker("one", CLIPZY_WORKER_POLL_SECONDS="0.1")
    assert [await shop.until_over(await shop.add_job()) for _ in range(2)]


async def test_a_job_and_its_place_in_the_queue_are_rolled_back_together(shop) -> None:
    await shop.add_worker("one")
    done = await shop.add_job()
    await shop.until_over(done)
    ghost = replace(done, job_id="job_ghost", video_id="vid_ghost")

    async def break_off() -> None:
        async with shop.database.transaction() as connection:
            await insert_job(connection, ghost)
            await shop.queue.enqueue(connection, ghost)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        await break_off()
    last = await shop.add_job()
    await shop.until_over(last)
    assert shop.ran() == [*STAGES, *STAGES]


async def has_tried(shop, job, tries: int) -> bool:
    return shop.ran().count("video_analysis") >= tries or (await shop.job(job)).status.is_terminal


async def test_a_job_that_kills_every_worker_is_given_up(shop) -> None:
    (shop.folder / "hold-video_analysis").touch()
    job = await shop.add_job()
    for number in range(1, 7):
        worker = await shop.add_worker("one", CLIPZY_WORKER_MAX_ATTEMPTS="2")
        await shop.until(lambda tries=number: has_tried(shop, job, tries))
        if (await shop.job(job)).status.is_terminal:
            break
        os.kill(worker.pid, signal.SIGKILL)
        await worker.wait()
    over = await shop.job(job)
    assert over.error is not None
    assert over.error.code == "WORKER_LOST"

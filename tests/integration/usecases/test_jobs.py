import asyncio
import random
from dataclasses import replace

import pytest

from clipzy_server.domain.errors import ClipzyError, Conflict, ErrorCode, Invalid, NotFound
from clipzy_server.domain.job import (
    Artifact,
    DimensionFidelity,
    Job,
    JobConfig,
    JobFailure,
    JobMode,
    JobStatus,
    Quality,
    Stage,
)
from clipzy_server.domain.page import PageRequest
from clipzy_server.domain.video import Video
from clipzy_server.usecases.requests import NewJob
from tests.samples import style


@pytest.fixture
async def video(desk) -> Video:
    return await desk.upload(b"footage")


@pytest.fixture
async def job(desk, video: Video) -> Job:
    return await desk.jobs.create(desk.owner, NewJob(video.video_id))


async def _refusal(awaitable) -> ClipzyError:
    with pytest.raises(ClipzyError) as refused:
        await awaitable
    return refused.value


async def test_a_new_job_is_queued_and_reads_back_the_same(desk, video: Video) -> None:
    config = JobConfig(quality=Quality.LOW, strength=0.5, style_json=style(), priority=-3)
    job = await desk.jobs.create(desk.owner, NewJob(video.video_id, webhook_url="https://example.com/x", config=config))

    assert (job.status, job.progress_percent, job.current_stage) == (JobStatus.QUEUED, 0, None)
    assert await desk.jobs.get(desk.owner, job.job_id) == job
    assert desk.queue.queued == [job.job_id]


async def test_the_row_and_the_place_in_the_queue_come_together_or_not_at_all(desk, video: Video) -> None:
    desk.queue.error = ConnectionError("the queue is away")
    with pytest.raises(ConnectionError):
        await desk.jobs.create(desk.owner, NewJob(video.video_id))
    assert (await desk.jobs.list(desk.owner, PageRequest())).total == 0


async def test_a_video_has_one_active_job_however_many_ask_at_once(desk, video: Video) -> None:
    asked = [desk.jobs.create(desk.owner, NewJob(video.video_id)) for _ in range(8)]
    answers = await asyncio.gather(*asked, return_exceptions=True)

    made = [answer for answer in answers if isinstance(answer, Job)]
    refused = [answer.code for answer in answers if isinstance(answer, Conflict)]
    assert len(made) == 1
    assert refused == [ErrorCode.JOB_ALREADY_PROCESSING] * 7

    await desk.progress.cancelled(made[0].job_id)
    assert (await desk.jobs.create(desk.owner, NewJob(video.video_id))).status is JobStatus.QUEUED


async def test_unknown_and_foreign_things_answer_the_same(desk, job: Job, video: Video) -> None:
    unknown = await _refusal(desk.jobs.get(desk.owner, "job_unknown"))
    foreign = await _refusal(desk.jobs.get(desk.stranger, job.job_id))
    assert (unknown.code, unknown.message) == (foreign.code, foreign.message)
    assert unknown.code is ErrorCode.JOB_NOT_FOUND
    for call in (desk.jobs.cancel, desk.jobs.retry, desk.jobs.result, desk.jobs.output):
        assert (await _refusal(call(desk.stranger, job.job_id))).code is ErrorCode.JOB_NOT_FOUND
    theirs = await _refusal(desk.jobs.create(desk.stranger, NewJob(video.video_id)))
    assert theirs.code is ErrorCode.VIDEO_NOT_FOUND
    other = await desk.upload(b"other")
    template = await _refusal(desk.jobs.create(desk.owner, NewJob(other.video_id, template_video_id="vid_unknown")))
    assert template.code is ErrorCode.VIDEO_NOT_FOUND
    config = JobConfig(style_id="sty_unknown")
    no_style = await _refusal(desk.jobs.create(desk.owner, NewJob(other.video_id, config=config)))
    assert no_style.code is ErrorCode.STYLE_NOT_FOUND


async def test_what_was_said_at_upload_counts_unless_the_job_says_otherwise(desk) -> None:
    template, other = await desk.upload(b"template"), await desk.upload(b"other template")
    said = {"template_video_id": template.video_id, "webhook_url": "https://example.com/upload"}
    first = await desk.upload(b"one", **said)
    second = await desk.upload(b"two", **said)
    third = await desk.upload(b"three", **said)

    default = await desk.jobs.create(desk.owner, NewJob(first.video_id))
    own = await desk.jobs.create(desk.owner, NewJob(second.video_id, other.video_id, "https://example.com/job"))
    styled = await desk.jobs.create(desk.owner, NewJob(third.video_id, config=JobConfig(style_json=style())))

    assert (default.template_video_id, default.webhook_url) == (template.video_id, "https://example.com/upload")
    assert (own.template_video_id, own.webhook_url) == (other.video_id, "https://example.com/job")
    assert styled.template_video_id is None


async def test_a_job_keeps_the_saved_style_it_was_made_with(desk, video: Video) -> None:
    saved = await desk.styles.save(desk.owner, "mine", style=style())
    job = await desk.jobs.create(desk.owner, NewJob(video.video_id, config=JobConfig(style_id=saved.style_id)))
    await desk.styles.delete(desk.owner, saved.style_id)
    assert (await desk.jobs.get(desk.owner, job.job_id)).config.style_json == saved.style


async def test_a_repeated_key_gives_the_first_answer_even_after_the_job_went_on(desk, video: Video) -> None:
    asked = NewJob(video.video_id)
    first = await desk.jobs.create(desk.owner, asked, "key")
    await desk.progress.started(first.job_id)
    assert await desk.jobs.create(desk.owner, asked, "key") == first
    assert desk.queue.queued == [first.job_id]


async def test_a_key_with_another_request_is_refused(desk, video: Video) -> None:
    await desk.jobs.create(desk.owner, NewJob(video.video_id), "key")
    changed = NewJob(video.video_id, config=JobConfig(priority=1))
    assert (await _refusal(desk.jobs.create(desk.owner, changed, "key"))).code is ErrorCode.IDEMPOTENCY_KEY_REUSED


async def test_of_many_creates_with_one_key_exactly_one_makes_a_job(desk, video: Video) -> None:
    answers = await asyncio.gather(*(desk.jobs.create(desk.owner, NewJob(video.video_id), "key") for _ in range(12)))
    assert len({job.job_id for job in answers}) == 1
    assert len(desk.queue.queued) == 1


async def test_a_failed_create_does_not_use_its_key_up(desk, video: Video) -> None:
    desk.queue.error = ConnectionError("away")
    with pytest.raises(ConnectionError):
        await desk.jobs.create(desk.owner, NewJob(video.video_id), "key")
    desk.queue.error = None
    assert (await desk.jobs.create(desk.owner, NewJob(video.video_id), "key")).status is JobStatus.QUEUED


async def test_a_key_is_forgotten_after_its_time(desk, video: Video) -> None:
    first = await desk.jobs.create(desk.owner, NewJob(video.video_id), "key")
    await desk.progress.cancelled(first.job_id)
    desk.limits = replace(desk.limits, idempotency_ttl_s=0.0)
    assert (await desk.jobs.create(desk.owner, NewJob(video.video_id), "key")).job_id != first.job_id


@pytest.mark.parametrize("key", ["", "x" * 256, "a\nb"])
async def test_a_malformed_key_is_refused(desk, video: Video, key: str) -> None:
    assert isinstance(await _refusal(desk.jobs.create(desk.owner, NewJob(video.video_id), key)), Invalid)


async def test_keys_of_two_owners_do_not_meet(desk) -> None:
    mine = await desk.styles.save(desk.owner, "one", style=style(), idempotency_key="key")
    theirs = await desk.styles.save(desk.stranger, "two", style=style(), idempotency_key="key")
    assert mine.style_id != theirs.style_id


async def test_cancelling_ends_a_job_for_good(desk, job: Job) -> None:
    await desk.progress.started(job.job_id)
    cancelled = await desk.jobs.cancel(desk.owner, job.job_id)

    assert cancelled.status is JobStatus.CANCELLED
    assert desk.queue.cancelled == [job.job_id]
    assert not await desk.progress.completed(job.job_id, None, ())
    assert not await desk.progress.started(job.job_id)
    again = await _refusal(desk.jobs.cancel(desk.owner, job.job_id))
    assert again.code is ErrorCode.JOB_ALREADY_FINISHED
    result = await desk.jobs.result(desk.owner, job.job_id)
    assert (result.job.status, result.job.error, result.output_video_url) == (JobStatus.CANCELLED, None, None)


async def test_a_result_is_not_ready_before_the_end(desk, job: Job) -> None:
    for call in (desk.jobs.result, desk.jobs.output):
        assert (await _refusal(call(desk.owner, job.job_id))).code is ErrorCode.RESULT_NOT_READY


async def test_a_completed_job_has_everything_it_made(desk, job: Job) -> None:
    async with desk.blobs.workspace(f"jobs/{job.job_id}/rendering/1") as folder:
        (folder / "output.mp4").write_bytes(b"picture")
    output = Artifact("output.mp4", 7, f"jobs/{job.job_id}/rendering/1/output.mp4", "ab" * 32)
    fidelity = {"color": DimensionFidelity(1.0, 0.9, 0.95)}
    await desk.progress.started(job.job_id)
    await desk.progress.style_ready(job.job_id, style())
    await desk.progress.stage_finished(job.job_id, Stage.RENDERING, 1.25)
    await desk.progress.completed(job.job_id, output, (), fidelity)

    result = await desk.jobs.result(desk.owner, job.job_id)

    assert (result.job.status, result.job.progress_percent) == (JobStatus.COMPLETED, 100)
    assert (result.job.current_stage, result.job.error) == (None, None)
    assert result.output_video_url == f"file:///storage/{job.job_id}/output.mp4"
    assert (result.style, result.artifacts, result.fidelity) == (style(), (output,), fidelity)
    assert result.stage_seconds == {Stage.RENDERING: 1.25}
    assert result.processing_time_seconds is not None
    assert result.processing_time_seconds > 0
    file = await desk.jobs.output(desk.owner, job.job_id)
    assert (file.name, file.size_bytes, file.content_type) == ("output.mp4", 7, "video/mp4")
    assert b"".join([piece async for piece in file.read(1, 4)]) == b"ict"
    missing = await _refusal(desk.jobs.artifact(desk.owner, job.job_id, "grade.cube"))
    assert missing.code is ErrorCode.ARTIFACT_NOT_FOUND


async def test_a_failed_job_tells_why_and_has_no_output(desk, job: Job) -> None:
    failure = JobFailure(Stage.VIDEO_ANALYSIS, ErrorCode.OUT_OF_MEMORY, "Too little memory")
    await desk.progress.started(job.job_id)
    await desk.progress.failed(job.job_id, failure)
    result = await desk.jobs.result(desk.owner, job.job_id)
    assert (result.job.error, result.output_video_url) == (failure, None)
    assert (await _refusal(desk.jobs.output(desk.owner, job.job_id))).code is ErrorCode.ARTIFACT_NOT_FOUND


async def test_a_retry_is_a_new_job_with_the_same_inputs(desk, video: Video) -> None:
    asked = NewJob(video.video_id, config=JobConfig(strength=0.25, mode=JobMode.EXTRACT_ONLY))
    old = await desk.jobs.create(desk.owner, asked)
    assert (await _refusal(desk.jobs.retry(desk.owner, old.job_id))).code is ErrorCode.JOB_ALREADY_PROCESSING
    await desk.progress.failed(old.job_id, JobFailure(None, ErrorCode.WORKER_LOST, "lost"))

    new = await desk.jobs.retry(desk.owner, old.job_id)

    assert new.job_id != old.job_id
    assert (new.video_id, new.config, new.status) == (old.video_id, old.config, JobStatus.QUEUED)


async def test_a_retry_needs_its_video(desk, video: Video, job: Job) -> None:
    await desk.progress.cancelled(job.job_id)
    await desk.videos.delete(desk.owner, video.video_id)
    assert isinstance(await _refusal(desk.jobs.retry(desk.owner, job.job_id)), NotFound)


async def test_lists_are_newest_first_by_state_and_by_page(desk) -> None:
    made = []
    for number in range(5):
        video = await desk.upload(f"clip {number}".encode())
        made.append((await desk.jobs.create(desk.owner, NewJob(video.video_id))).job_id)
    await desk.progress.cancelled(made[0])

    page = await desk.jobs.list(desk.owner, PageRequest(2, 2))
    assert [job.job_id for job in page.items] == [made[2], made[1]]
    assert page.total == 5
    cancelled = await desk.jobs.list(desk.owner, PageRequest(), JobStatus.CANCELLED)
    assert [job.job_id for job in cancelled.items] == [made[0]]
    assert (await desk.jobs.list(desk.owner, PageRequest(100_000, 50))).items == ()
    assert (await desk.jobs.list(desk.stranger, PageRequest())).total == 0


async def test_a_dry_run_estimates_from_what_jobs_took_and_creates_nothing(desk, video: Video) -> None:
    asked = NewJob(video.video_id)
    unmeasured = await desk.jobs.estimate(desk.owner, asked)
    job = await desk.jobs.create(desk.owner, asked)
    busy = await _refusal(desk.jobs.estimate(desk.owner, asked))
    await desk.progress.started(job.job_id)
    await desk.progress.completed(job.job_id, None, ())
    took_s = (await desk.jobs.result(desk.owner, job.job_id)).processing_time_seconds

    measured = await desk.jobs.estimate(desk.owner, asked)

    assert any("measured" in warning for warning in unmeasured.warnings)
    assert busy.code is ErrorCode.JOB_ALREADY_PROCESSING
    assert measured.valid
    assert measured.estimated_seconds == round(took_s, 1)
    assert not measured.warnings
    assert (await desk.jobs.list(desk.owner, PageRequest())).total == 1


@pytest.mark.parametrize("seed", range(4))
async def test_whoever_races_progress_never_goes_back_and_the_end_is_final(desk, job: Job, seed: int) -> None:
    """Workers, a cancellation, a deadline and a completion at once, in a random order."""
    dice = random.Random(seed)
    stages = list(Stage)
    await desk.progress.started(job.job_id)

    async def work() -> None:
        for _ in range(6):
            await desk.progress.advance(job.job_id, dice.choice(stages), dice.uniform(-10, 110), dice.uniform(0, 9))
            await desk.progress.started(job.job_id)

    ends = [
        desk.progress.completed(job.job_id, None, ()),
        desk.progress.cancelled(job.job_id),
        desk.progress.failed(job.job_id, JobFailure(None, ErrorCode.JOB_TIMEOUT, "late")),
    ]
    dice.shuffle(ends)

    async def watch() -> list[Job]:
        return [state async for state in desk.jobs.watch(desk.owner, job.job_id)]

    watching = asyncio.create_task(watch())
    workers = [asyncio.create_task(work()) for _ in range(3)]
    won = await asyncio.gather(*ends)
    await asyncio.gather(*workers)

    states = await watching
    assert won.count(True) == 1
    percents = [state.progress_percent for state in states]
    assert percents == sorted(percents)
    assert all((state.progress_percent == 100) == (state.status is JobStatus.COMPLETED) for state in states)
    assert all((state.current_stage is None) == (state.status is not JobStatus.PROCESSING) for state in states)
    assert await desk.jobs.get(desk.owner, job.job_id) == states[-1]

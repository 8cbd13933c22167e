"""The client's whole surface, both ways, against the real server; and lines that are cut."""

import asyncio
import hashlib
import inspect

import pytest

from clipzy_client import AsyncClipzy, Clipzy, JobCancelled, JobConfig, JobStatus, Patience
from clipzy_client.errors import DeadlineExceeded, Forbidden, JobNotFound, RenderFailed, Unauthorized, VideoNotFound
from clipzy_client.style import StyleDna
from clipzy_server.domain.job import Artifact, JobFailure, Stage
from tests.integration.api.lines import Line
from tests.integration.api.test_style_service import STYLE

CONTENT = bytes(index * 7 % 251 for index in range(2 * 1024 * 1024 + 12_345))


async def keep(desk, name: str, content: bytes) -> Artifact:
    async with desk.blobs.open_writer(f"jobs/{name}") as writer:
        await writer.write(content)
    return Artifact(name, len(content), f"jobs/{name}", hashlib.sha256(content).hexdigest())


async def complete(desk, job_id: str) -> None:
    await desk.progress.started(job_id)
    await desk.progress.style_ready(job_id, STYLE)
    cube = await keep(desk, "grade.cube", b"LUT_3D_SIZE 33\n")
    assert await desk.progress.completed(job_id, await keep(desk, "output.mp4", CONTENT), (cube,), {})


@pytest.fixture
async def client(through):
    async with through(Line()) as client:
        yield client


@pytest.fixture
async def job(client, video):
    return await client.jobs.create(video.video_id, config=JobConfig(quality="low"))


async def test_a_job_is_created_waited_for_and_saved(client, desk, job, tmp_path):
    seen = []

    def on_progress(now):
        seen.append(now.status)
        if len(seen) == 1:
            asyncio.get_running_loop().create_task(complete(desk, job.job_id))

    result = await job.wait(on_progress)
    assert (seen[0], seen[-1]) == (JobStatus.QUEUED, JobStatus.COMPLETED)
    assert (await result.save(tmp_path / "out.mp4")).read_bytes() == CONTENT
    assert (await result.style.save_cube(tmp_path / "a.cube")).read_bytes() == b"LUT_3D_SIZE 33\n"
    assert result.style.color_grade.temperature == 12.5
    assert [artifact.name for artifact in result.artifacts] == ["output.mp4", "grade.cube"]


async def test_the_blocking_client_does_the_same(client, desk, video, tmp_path):
    def work(loop):
        with Clipzy(client.server, client.token) as blocking:
            job = blocking.jobs.create(video.video_id)
            states = job.watch()
            assert next(states).status is JobStatus.QUEUED
            asyncio.run_coroutine_threadsafe(complete(desk, job.job_id), loop).result()
            *_, last = states
            assert last.status is JobStatus.COMPLETED
            result = job.wait()
            assert result.save(tmp_path / "out.mp4").read_bytes() == CONTENT
            saved = blocking.styles.save("warm", job_id=job.job_id)
            assert [style.name for style in blocking.styles.list()] == ["warm"]
            with pytest.raises(VideoNotFound):
                blocking.videos.get("vid_none")
            return saved

    saved = await asyncio.to_thread(work, asyncio.get_running_loop())
    assert saved.style.frame_rate == 24


async def test_watching_goes_on_after_the_line_was_cut(through, desk, video):
    line = Line()
    async with through(line) as client:
        job = await client.jobs.create(video.video_id)
        seen = []
        async for now in job.watch():
            seen.append(now.status)
            if len(seen) == 1:
                line.cut()
                await complete(desk, job.job_id)
    assert seen[0] is JobStatus.QUEUED
    assert seen[-1] is JobStatus.COMPLETED
    assert len(seen) == len(set(seen)), "nothing is told twice"


async def test_a_download_goes_on_after_the_line_was_cut(through, desk, video, tmp_path):
    line = Line()
    async with through(line) as client:
        job = await client.jobs.create(video.video_id)
        await complete(desk, job.job_id)
        done = []

        def progress(now: int, size: int) -> None:
            if not done:
                line.cut()
            done.append((now, size))

        path = await client.jobs.save(job.job_id, tmp_path / "out.mp4", progress=progress)
    assert path.read_bytes() == CONTENT
    assert done == sorted(done)
    assert [entry.name for entry in tmp_path.iterdir() if entry.suffix == ".part"] == []


async def test_a_job_that_ended_otherwise_is_an_error_of_its_own(client, desk, job, video):
    await desk.progress.started(job.job_id)
    await desk.progress.failed(job.job_id, JobFailure(Stage.RENDERING, "RENDER_FAILED", "The encoder broke."))
    with pytest.raises(RenderFailed, match="The encoder broke") as caught:
        await job.wait()
    assert caught.value.detail == "in rendering"
    again = await (await job.refresh()).retry()
    assert (await again.cancel()).status is JobStatus.CANCELLED
    with pytest.raises(JobCancelled):
        await again.wait()
    assert (await again.result()).job == await again.refresh()


async def test_waiting_ends_at_its_deadline_and_the_job_goes_on(client, job):
    with pytest.raises(DeadlineExceeded):
        await job.wait(timeout_s=0.05)
    assert (await job.refresh()).status is JobStatus.QUEUED


async def test_every_refusal_has_its_class_and_the_request_id(client, clipzy, job):
    with pytest.raises(JobNotFound) as caught:
        await client.jobs.get("job_none")
    assert caught.value.code == "JOB_NOT_FOUND"
    assert caught.value.request_id
    assert caught.value.request_id in str(caught.value)
    async with AsyncClipzy(client.server) as nobody:
        with pytest.raises(Unauthorized):
            await nobody.jobs.get(job.job_id)
        assert (await nobody.health()).version == "1.2.3"
    async with AsyncClipzy(client.server, clipzy.reader[0][1].removeprefix("Bearer ")) as reader:
        with pytest.raises(Forbidden):
            await reader.jobs.cancel(job.job_id)


async def test_lists_go_over_all_pages(client, desk, monkeypatch):
    monkeypatch.setattr("clipzy_client.aio.calls.PAGE_SIZE", 2)
    ids = [(await client.styles.save(f"style {n}", style=style_of(n))).style_id for n in range(5)]
    assert [style.style_id async for style in client.styles.list()] == ids[::-1]
    assert (await client.styles.page(page_size=3)).total == 5
    diff = await client.styles.diff(ids[0], ids[1])
    assert [(field.field, field.a, field.b, field.change) for field in diff.fields] == [
        ("cut_frequency", 0.0, 1.0, 1.0)
    ]
    await client.styles.delete(ids[0])
    assert len([style async for style in client.styles.list()]) == 4


def style_of(cut_frequency: float) -> StyleDna:
    return StyleDna.from_dict(
        {
            "version": "1.0",
            "color_grade": dict.fromkeys(
                ("temperature", "tint", "saturation", "contrast", "highlights", "shadows"), 0.0
            ),
            "aspect_ratio": "16:9",
            "frame_rate": 24,
            "audio_style": {
                "normalization_level": 0.0,
                "compression_ratio": 1.0,
                "bass_boost": 0.0,
                "enhance_speech": False,
            },
            "cut_frequency": cut_frequency,
            "motion_intensity": 1.0,
            "zoom_usage": 0.0,
            "primary_transition": {"type": "cut", "duration_ms": 0, "easing": "linear"},
            "use_subtitles": False,
            "created_at": "2026-01-02T00:00:00Z",
            "source_duration_seconds": 3.0,
            "extraction_confidence": 0.5,
        }
    )


async def test_a_dry_run_queues_nothing(client, desk, video):
    assert (await client.jobs.estimate(video.video_id)).valid
    assert desk.queue.queued == []
    assert [job async for job in client.jobs.list()] == []
    assert [each.video_id async for each in client.videos.list()] == [video.video_id]
    await client.videos.delete(video.video_id)
    assert (await client.usage()).stored_bytes.used == 0


async def test_a_create_whose_answer_was_lost_makes_one_job(through, desk, video):
    line = Line()
    async with through(line, Patience(first_pause_s=0.01)) as client:
        await client.health()
        made = client.jobs._stub.CreateJob
        lost = []

        async def losing(request, **options):
            answer = await made(request, **options)
            if not lost:
                lost.append(answer.job.job_id)
                line.cut()
                await client.jobs._stub.GetJob(request_of(answer), metadata=options["metadata"])
            return answer

        client.jobs._stub.CreateJob = losing
        job = await client.jobs.create(video.video_id)
    assert desk.queue.queued == [job.job_id] == lost


def request_of(answer):
    from clipzy.v1.job_service_pb2 import GetJobRequest

    return GetJobRequest(job_id=answer.job.job_id)


def test_both_clients_have_the_same_surface():
    pairs = zip(vars(AsyncClipzy), vars(Clipzy), strict=True)
    assert all(ours.replace("__a", "__") == theirs.replace("__a", "__") for ours, theirs in pairs)
    assert str(inspect.signature(AsyncClipzy)).replace("Async", "") == str(inspect.signature(Clipzy))

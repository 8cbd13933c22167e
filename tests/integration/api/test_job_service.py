import asyncio
from dataclasses import replace

import pytest

from clipzy.v1 import job_pb2
from clipzy.v1 import job_service_pb2 as wire
from clipzy_server.domain.job import Artifact, JobMode, JobStatus, Stage

MIB = 1024 * 1024


@pytest.fixture
async def job(clipzy):
    """A queued job of Ada's."""
    asked = wire.CreateJobRequest(video_id="vid_1")
    return (await clipzy.jobs.CreateJob(asked, metadata=clipzy.ada)).job


@pytest.fixture
async def output(clipzy, job):
    """The bytes of the job's output: more than two chunks, each byte telling where it was."""
    content = bytes(index * 7 % 251 for index in range(2 * MIB + 12_345))
    async with clipzy.kept.blobs.open_writer("jobs/output.mp4") as writer:
        await writer.write(content)
    clipzy.kept.jobs.artifacts["output.mp4"] = Artifact("output.mp4", len(content), "jobs/output.mp4", "etag-1")
    return content


async def downloaded(call):
    """The announced file and its chunks."""
    answers = [answer async for answer in call]
    assert answers[0].WhichOneof("part") == "info"
    assert {answer.WhichOneof("part") for answer in answers[1:]} <= {"chunk"}
    return answers[0].info, [answer.chunk for answer in answers[1:]]


async def test_a_job_is_created_as_asked(clipzy):
    answer = await clipzy.jobs.CreateJob(
        wire.CreateJobRequest(
            video_id="vid_1",
            template_video_id="vid_2",
            webhook_url="https://example.com/hook",
            config=job_pb2.JobConfig(mode=job_pb2.JOB_MODE_EXTRACT_ONLY, strength=0.5),
            request_id="key-1",
        ),
        metadata=clipzy.ada,
    )
    assert answer.WhichOneof("outcome") == "job"
    assert answer.job.status == job_pb2.JOB_STATUS_QUEUED
    ((asked, key),) = clipzy.kept.jobs.asked
    assert (asked.video_id, asked.template_video_id, asked.webhook_url) == (
        "vid_1",
        "vid_2",
        "https://example.com/hook",
    )
    assert (asked.config.mode, asked.config.strength, key) == (JobMode.EXTRACT_ONLY, 0.5, "key-1")


async def test_a_dry_run_estimates_and_creates_nothing(clipzy):
    asked = wire.CreateJobRequest(video_id="vid_1", config=job_pb2.JobConfig(dry_run=True))
    answer = await clipzy.jobs.CreateJob(asked, metadata=clipzy.ada)
    assert answer.WhichOneof("outcome") == "estimate"
    assert (answer.estimate.valid, list(answer.estimate.warnings)) == (True, ["a warning"])
    assert answer.estimate.estimated_time.ToMilliseconds() == 12_500
    assert clipzy.kept.jobs.jobs == {}


async def test_jobs_are_found_and_listed_by_their_owner_only(clipzy, refusal, job):
    asked = wire.GetJobRequest(job_id=job.job_id)
    assert (await clipzy.jobs.GetJob(asked, metadata=clipzy.ada)).job == job
    assert await refusal(clipzy.jobs.GetJob(asked, metadata=clipzy.bob)) == "JOB_NOT_FOUND"
    assert await refusal(clipzy.jobs.GetJob(wire.GetJobRequest(), metadata=clipzy.ada)) == "MISSING_FIELD"
    assert (await clipzy.jobs.ListJobs(wire.ListJobsRequest(), metadata=clipzy.bob)).total == 0
    for status, count in [(None, 1), (job_pb2.JOB_STATUS_QUEUED, 1), (job_pb2.JOB_STATUS_FAILED, 0)]:
        page = await clipzy.jobs.ListJobs(wire.ListJobsRequest(status=status), metadata=clipzy.ada)
        assert (page.total, len(page.jobs), page.page, page.page_size) == (count, count, 1, 10)
    odd = clipzy.jobs.ListJobs(wire.ListJobsRequest(page_size=101), metadata=clipzy.ada)
    assert await refusal(odd) == "VALIDATION_ERROR"


async def test_a_result_comes_once_the_job_has_ended(clipzy, refusal, job, output):
    asked = wire.GetJobResultRequest(job_id=job.job_id)
    assert await refusal(clipzy.jobs.GetJobResult(asked, metadata=clipzy.ada)) == "RESULT_NOT_READY"
    ended = await clipzy.jobs.CancelJob(wire.CancelJobRequest(job_id=job.job_id), metadata=clipzy.ada)
    assert ended.job.status == job_pb2.JOB_STATUS_CANCELLED
    result = (await clipzy.jobs.GetJobResult(asked, metadata=clipzy.ada)).result
    assert (result.job, result.style.cut_frequency) == (ended.job, 7.5)
    assert [artifact.size_bytes for artifact in result.artifacts] == [len(output)]


async def test_a_retry_is_a_new_job(clipzy, job):
    again = await clipzy.jobs.RetryJob(wire.RetryJobRequest(job_id=job.job_id, request_id="k"), metadata=clipzy.ada)
    assert again.job.job_id != job.job_id
    assert again.job.video_id == job.video_id
    assert clipzy.kept.jobs.asked[-1][1] == "k"


async def test_watching_shows_the_job_its_changes_its_end_and_ends(clipzy, job):
    call = clipzy.jobs.WatchJob(wire.WatchJobRequest(job_id=job.job_id), metadata=clipzy.ada)
    now = clipzy.kept.jobs.jobs[job.job_id]
    seen = [(await call.read()).job]
    for change in (
        replace(now, status=JobStatus.PROCESSING, current_stage=Stage.RENDERING, progress_percent=90),
        replace(now, status=JobStatus.COMPLETED, progress_percent=100),
    ):
        clipzy.kept.jobs.changes.put_nowait(change)
        seen.append((await call.read()).job)
    assert not await call.read()
    assert [(state.status, state.progress_percent) for state in seen] == [
        (job_pb2.JOB_STATUS_QUEUED, 0),
        (job_pb2.JOB_STATUS_PROCESSING, 90),
        (job_pb2.JOB_STATUS_COMPLETED, 100),
    ]
    assert seen[1].current_stage == job_pb2.STAGE_RENDERING
    assert clipzy.kept.jobs.unwatched.is_set()


async def test_a_watcher_who_leaves_is_forgotten(clipzy, job):
    call = clipzy.jobs.WatchJob(wire.WatchJobRequest(job_id=job.job_id), metadata=clipzy.ada)
    await call.read()
    call.cancel()
    async with asyncio.timeout(10):
        await clipzy.kept.jobs.unwatched.wait()


async def test_watching_an_unknown_job_is_refused(clipzy, refusal):
    call = clipzy.jobs.WatchJob(wire.WatchJobRequest(job_id="job_none"), metadata=clipzy.ada)
    assert await refusal(call.read()) == "JOB_NOT_FOUND"


async def test_the_output_is_downloaded_in_chunks(clipzy, job, output):
    call = clipzy.jobs.DownloadOutput(wire.DownloadOutputRequest(job_id=job.job_id), metadata=clipzy.ada)
    info, chunks = await downloaded(call)
    assert (info.name, info.size_bytes, info.etag, info.content_type) == (
        "output.mp4",
        len(output),
        "etag-1",
        "video/mp4",
    )
    assert (info.offset_bytes, info.length_bytes) == (0, len(output))
    assert b"".join(chunks) == output
    assert all(0 < len(chunk) <= MIB for chunk in chunks)


@pytest.mark.parametrize(
    ("offset", "limit"), [(1, None), (MIB + 3, 5), (0, 1), (2 * MIB, 10 * MIB), (2 * MIB + 12_345, None), (7, MIB + 1)]
)
async def test_a_part_of_the_output_is_downloaded(clipzy, job, output, offset, limit):
    asked = wire.DownloadOutputRequest(job_id=job.job_id, offset_bytes=offset, limit_bytes=limit)
    info, chunks = await downloaded(clipzy.jobs.DownloadOutput(asked, metadata=clipzy.ada))
    wanted = output[offset:] if limit is None else output[offset : offset + limit]
    assert b"".join(chunks) == wanted
    assert (info.size_bytes, info.offset_bytes, info.length_bytes) == (len(output), offset, len(wanted))


@pytest.mark.parametrize(("offset", "limit"), [(-1, None), (2 * MIB + 12_346, None), (0, 0), (0, -5)])
async def test_a_part_that_is_not_there_is_refused(clipzy, refusal, job, output, offset, limit):
    asked = wire.DownloadOutputRequest(job_id=job.job_id, offset_bytes=offset, limit_bytes=limit)
    call = clipzy.jobs.DownloadOutput(asked, metadata=clipzy.ada)
    assert await refusal(call.read()) == "RANGE_NOT_SATISFIABLE"


async def test_artifacts_are_downloaded_by_name(clipzy, refusal, job):
    async with clipzy.kept.blobs.open_writer("jobs/grade.cube") as writer:
        await writer.write(b"LUT_3D_SIZE 33\n")
    clipzy.kept.jobs.artifacts["grade.cube"] = Artifact("grade.cube", 15, "jobs/grade.cube", "etag-2")
    asked = wire.DownloadArtifactRequest(job_id=job.job_id, name="grade.cube", offset_bytes=4, limit_bytes=6)
    info, chunks = await downloaded(clipzy.jobs.DownloadArtifact(asked, metadata=clipzy.ada))
    assert (info.name, b"".join(chunks)) == ("grade.cube", b"3D_SIZ")
    unknown = wire.DownloadArtifactRequest(job_id=job.job_id, name="../token")
    assert await refusal(clipzy.jobs.DownloadArtifact(unknown, metadata=clipzy.ada).read()) == "ARTIFACT_NOT_FOUND"

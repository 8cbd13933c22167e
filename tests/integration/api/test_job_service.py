import asyncio
import hashlib

import pytest

from clipzy.v1 import job_pb2
from clipzy.v1 import job_service_pb2 as wire
from clipzy_server.domain.job import Artifact, DimensionFidelity, JobFailure, Stage

MIB = 1024 * 1024


@pytest.fixture
async def job(clipzy, video):
    """A queued job of Ada's."""
    return (await clipzy.jobs.CreateJob(wire.CreateJobRequest(video_id=video.video_id), metadata=clipzy.ada)).job


async def keep(desk, name, content):
    """A file that a job left."""
    async with desk.blobs.open_writer(f"jobs/{name}") as writer:
        await writer.write(content)
    return Artifact(name, len(content), f"jobs/{name}", hashlib.sha256(content).hexdigest())


@pytest.fixture
async def output(desk, job):
    """Completes the job with an output of more than two chunks, each byte telling where it was."""
    content = bytes(index * 7 % 251 for index in range(2 * MIB + 12_345))
    artifacts = (await keep(desk, "grade.cube", b"LUT_3D_SIZE 33\n"),)
    await desk.progress.started(job.job_id)
    await desk.progress.stage_finished(job.job_id, Stage.RENDERING, 0.25)
    fidelity = {"color": DimensionFidelity(1.5, 1.25, 0.9)}
    assert await desk.progress.completed(job.job_id, await keep(desk, "output.mp4", content), artifacts, fidelity)
    return content


async def downloaded(call):
    """The announced file and its chunks."""
    answers = [answer async for answer in call]
    assert answers[0].WhichOneof("part") == "info"
    assert {answer.WhichOneof("part") for answer in answers[1:]} <= {"chunk"}
    return answers[0].info, [answer.chunk for answer in answers[1:]]


async def test_a_job_is_created_and_queued(clipzy, desk, video):
    asked = wire.CreateJobRequest(video_id=video.video_id, config=job_pb2.JobConfig(strength=0.5), request_id="key-1")
    answer = await clipzy.jobs.CreateJob(asked, metadata=clipzy.ada)
    assert answer.WhichOneof("outcome") == "job"
    assert (answer.job.status, answer.job.video_id) == (job_pb2.JOB_STATUS_QUEUED, video.video_id)
    assert desk.queue.queued == [answer.job.job_id]
    assert await clipzy.jobs.CreateJob(asked, metadata=clipzy.ada) == answer


async def test_a_dry_run_estimates_and_creates_nothing(clipzy, desk, video):
    asked = wire.CreateJobRequest(video_id=video.video_id, config=job_pb2.JobConfig(dry_run=True))
    answer = await clipzy.jobs.CreateJob(asked, metadata=clipzy.ada)
    assert answer.WhichOneof("outcome") == "estimate"
    assert answer.estimate.valid
    assert answer.estimate.estimated_time.ToMilliseconds() > 0
    assert desk.queue.queued == []
    assert (await clipzy.jobs.ListJobs(wire.ListJobsRequest(), metadata=clipzy.ada)).total == 0


REFUSED = [
    ({"video_id": ""}, "MISSING_FIELD"),
    ({"video_id": "vid_none"}, "VIDEO_NOT_FOUND"),
    ({"template_video_id": "vid_none"}, "VIDEO_NOT_FOUND"),
    ({"webhook_url": "ftp://example.com"}, "VALIDATION_ERROR"),
    ({"config": job_pb2.JobConfig(style_id="sty_none")}, "STYLE_NOT_FOUND"),
    ({"config": job_pb2.JobConfig(strength=1.5)}, "VALIDATION_ERROR"),
    ({"config": job_pb2.JobConfig(strength=float("nan"))}, "VALIDATION_ERROR"),
    ({"config": job_pb2.JobConfig(frame_rate=25)}, "VALIDATION_ERROR"),
    ({"config": job_pb2.JobConfig(priority=11)}, "VALIDATION_ERROR"),
]


async def test_a_job_that_cannot_be_done_is_refused(clipzy, refusal, video):
    for change, reason in REFUSED:
        asked = wire.CreateJobRequest(**{"video_id": video.video_id, **change})
        assert await refusal(clipzy.jobs.CreateJob(asked, metadata=clipzy.ada)) == reason, change


async def test_a_second_job_of_a_video_waits_for_the_first(clipzy, refusal, job):
    again = clipzy.jobs.CreateJob(wire.CreateJobRequest(video_id=job.video_id), metadata=clipzy.ada)
    assert await refusal(again) == "JOB_ALREADY_PROCESSING"


async def test_jobs_are_found_and_listed_by_their_owner_only(clipzy, refusal, job):
    asked = wire.GetJobRequest(job_id=job.job_id)
    assert (await clipzy.jobs.GetJob(asked, metadata=clipzy.ada)).job == job
    assert await refusal(clipzy.jobs.GetJob(asked, metadata=clipzy.bob)) == "JOB_NOT_FOUND"
    assert (await clipzy.jobs.ListJobs(wire.ListJobsRequest(), metadata=clipzy.bob)).total == 0
    for status, count in [(None, 1), (job_pb2.JOB_STATUS_QUEUED, 1), (job_pb2.JOB_STATUS_FAILED, 0)]:
        page = await clipzy.jobs.ListJobs(wire.ListJobsRequest(status=status), metadata=clipzy.ada)
        assert (page.total, len(page.jobs), page.page, page.page_size) == (count, count, 1, 10)
    odd = clipzy.jobs.ListJobs(wire.ListJobsRequest(page_size=101), metadata=clipzy.ada)
    assert await refusal(odd) == "VALIDATION_ERROR"


async def test_a_result_comes_once_the_job_has_ended(clipzy, refusal, job):
    asked = wire.GetJobResultRequest(job_id=job.job_id)
    assert await refusal(clipzy.jobs.GetJobResult(asked, metadata=clipzy.ada)) == "RESULT_NOT_READY"
    cancel = wire.CancelJobRequest(job_id=job.job_id)
    assert (await clipzy.jobs.CancelJob(cancel, metadata=clipzy.ada)).job.status == job_pb2.JOB_STATUS_CANCELLED
    result = (await clipzy.jobs.GetJobResult(asked, metadata=clipzy.ada)).result
    assert (result.job.status, list(result.artifacts)) == (job_pb2.JOB_STATUS_CANCELLED, [])
    assert not result.HasField("output_video_url")
    assert await refusal(clipzy.jobs.CancelJob(cancel, metadata=clipzy.ada)) == "JOB_ALREADY_FINISHED"


async def test_the_result_of_a_completed_job_tells_everything(clipzy, job, output):
    asked = wire.GetJobResultRequest(job_id=job.job_id)
    result = (await clipzy.jobs.GetJobResult(asked, metadata=clipzy.ada)).result
    assert (result.job.status, result.job.progress_percent) == (job_pb2.JOB_STATUS_COMPLETED, 100)
    assert result.output_video_url == f"file:///storage/{job.job_id}/output.mp4"
    assert {artifact.name: artifact.size_bytes for artifact in result.artifacts} == {
        "output.mp4": len(output),
        "grade.cube": 15,
    }
    assert [(entry.stage, entry.duration.ToMilliseconds()) for entry in result.stage_times] == [
        (job_pb2.STAGE_RENDERING, 250)
    ]
    assert result.fidelity["color"].nearness == 0.9


async def test_a_failed_job_tells_why(clipzy, desk, job):
    await desk.progress.failed(job.job_id, JobFailure(Stage.RENDERING, "RENDER_FAILED", "The encoder broke."))
    found = (await clipzy.jobs.GetJob(wire.GetJobRequest(job_id=job.job_id), metadata=clipzy.ada)).job
    assert (found.status, found.error.code) == (job_pb2.JOB_STATUS_FAILED, "RENDER_FAILED")
    assert found.error.stage == job_pb2.STAGE_RENDERING


async def test_a_retry_is_a_new_job(clipzy, refusal, job):
    again = wire.RetryJobRequest(job_id=job.job_id, request_id="key-1")
    assert await refusal(clipzy.jobs.RetryJob(again, metadata=clipzy.ada)) == "JOB_ALREADY_PROCESSING"
    await clipzy.jobs.CancelJob(wire.CancelJobRequest(job_id=job.job_id), metadata=clipzy.ada)
    retried = (await clipzy.jobs.RetryJob(again, metadata=clipzy.ada)).job
    assert retried.job_id != job.job_id
    assert (retried.video_id, retried.status) == (job.video_id, job_pb2.JOB_STATUS_QUEUED)
    assert (await clipzy.jobs.RetryJob(again, metadata=clipzy.ada)).job == retried


async def test_watching_shows_the_job_its_changes_its_end_and_ends(clipzy, desk, job):
    call = clipzy.jobs.WatchJob(wire.WatchJobRequest(job_id=job.job_id), metadata=clipzy.ada)
    seen = [(await call.read()).job]
    await desk.progress.started(job.job_id)
    seen.append((await call.read()).job)
    await desk.progress.advance(job.job_id, Stage.RENDERING, 50.0, 2.5)
    seen.append((await call.read()).job)
    await desk.progress.completed(job.job_id, None, ())
    seen.append((await call.read()).job)
    assert not await call.read()
    assert seen[0] == job
    assert [state.status for state in seen[1:]] == [
        job_pb2.JOB_STATUS_PROCESSING,
        job_pb2.JOB_STATUS_PROCESSING,
        job_pb2.JOB_STATUS_COMPLETED,
    ]
    assert seen[2].current_stage == job_pb2.STAGE_RENDERING
    assert 86 <= seen[2].progress_percent <= 99
    assert seen[2].eta.ToMilliseconds() == 2500
    assert not seen[3].HasField("current_stage")


async def test_an_ended_job_is_watched_once(clipzy, job, output):
    call = clipzy.jobs.WatchJob(wire.WatchJobRequest(job_id=job.job_id), metadata=clipzy.ada)
    assert [answer.job.status async for answer in call] == [job_pb2.JOB_STATUS_COMPLETED]


async def test_a_watcher_who_leaves_is_forgotten(clipzy, desk, job):
    call = clipzy.jobs.WatchJob(wire.WatchJobRequest(job_id=job.job_id), metadata=clipzy.ada)
    await call.read()
    assert list(desk.notices._watchers) == [job.job_id]
    call.cancel()
    # Stopping waits for the handlers that still run; one that went on watching would take all this time.
    async with asyncio.timeout(20):
        await clipzy.server.stop(60)
    assert list(desk.notices._watchers) == []


async def test_watching_an_unknown_job_is_refused(clipzy, refusal, job):
    for job_id, metadata in [("job_none", clipzy.ada), (job.job_id, clipzy.bob)]:
        call = clipzy.jobs.WatchJob(wire.WatchJobRequest(job_id=job_id), metadata=metadata)
        assert await refusal(call.read()) == "JOB_NOT_FOUND"


async def test_the_output_is_downloaded_in_chunks(clipzy, job, output):
    call = clipzy.jobs.DownloadOutput(wire.DownloadOutputRequest(job_id=job.job_id), metadata=clipzy.ada)
    info, chunks = await downloaded(call)
    assert (info.name, info.size_bytes, info.content_type) == ("output.mp4", len(output), "video/mp4")
    assert info.etag == hashlib.sha256(output).hexdigest()
    assert (info.offset_bytes, info.length_bytes) == (0, len(output))
    assert b"".join(chunks) == output
    assert all(0 < len(chunk) <= MIB for chunk in chunks)


async def test_a_part_of_the_output_is_downloaded(clipzy, job, output):
    wanted = [(1, None), (MIB + 3, 5), (0, 1), (2 * MIB, 10 * MIB), (2 * MIB + 12_345, None), (7, MIB + 1)]
    for offset, limit in wanted:
        asked = wire.DownloadOutputRequest(job_id=job.job_id, offset_bytes=offset, limit_bytes=limit)
        info, chunks = await downloaded(clipzy.jobs.DownloadOutput(asked, metadata=clipzy.ada))
        part = output[offset:] if limit is None else output[offset : offset + limit]
        assert b"".join(chunks) == part, (offset, limit)
        assert (info.size_bytes, info.offset_bytes, info.length_bytes) == (len(output), offset, len(part))


async def test_a_part_that_is_not_there_is_refused(clipzy, refusal, job, output):
    for offset, limit in [(-1, None), (2 * MIB + 12_346, None), (0, 0), (0, -5)]:
        asked = wire.DownloadOutputRequest(job_id=job.job_id, offset_bytes=offset, limit_bytes=limit)
        call = clipzy.jobs.DownloadOutput(asked, metadata=clipzy.ada)
        assert await refusal(call.read()) == "RANGE_NOT_SATISFIABLE", (offset, limit)


async def test_artifacts_are_downloaded_by_name(clipzy, refusal, job, output):
    asked = wire.DownloadArtifactRequest(job_id=job.job_id, name="grade.cube", offset_bytes=4, limit_bytes=6)
    info, chunks = await downloaded(clipzy.jobs.DownloadArtifact(asked, metadata=clipzy.ada))
    assert (info.name, b"".join(chunks)) == ("grade.cube", b"3D_SIZ")
    unknown = wire.DownloadArtifactRequest(job_id=job.job_id, name="../token")
    assert await refusal(clipzy.jobs.DownloadArtifact(unknown, metadata=clipzy.ada).read()) == "ARTIFACT_NOT_FOUND"


async def test_an_active_job_has_no_output_yet(clipzy, refusal, job):
    call = clipzy.jobs.DownloadOutput(wire.DownloadOutputRequest(job_id=job.job_id), metadata=clipzy.ada)
    assert await refusal(call.read()) == "RESULT_NOT_READY"

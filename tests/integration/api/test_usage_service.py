from clipzy.v1 import job_service_pb2, usage_service_pb2


async def test_usage_counts_the_callers_own_and_names_the_limits(clipzy, video):
    await clipzy.jobs.CreateJob(job_service_pb2.CreateJobRequest(video_id=video.video_id), metadata=clipzy.ada)
    request = usage_service_pb2.GetUsageRequest()
    adas = (await clipzy.usages.GetUsage(request, metadata=clipzy.reader)).usage
    assert adas.stored_bytes.used == len(b"footage")
    assert not adas.stored_bytes.HasField("limit")
    assert (adas.active_jobs.used, adas.active_jobs.limit) == (1, 50)
    # The upload, the job and this one, as far as they have not been forgotten yet.
    assert 0 <= adas.requests_per_minute.used <= 3
    assert adas.requests_per_minute.limit == 100_000
    bobs = (await clipzy.usages.GetUsage(request, metadata=clipzy.bob)).usage
    assert (bobs.stored_bytes.used, bobs.active_jobs.used) == (0, 0)

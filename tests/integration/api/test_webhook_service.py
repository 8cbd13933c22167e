from datetime import UTC, datetime

from clipzy.v1 import job_service_pb2 as job_calls
from clipzy.v1 import webhook_service_pb2 as wire
from clipzy_server.domain.webhook import DeliveryAttempt
from clipzy_server.store.deliveries import lease_due, write_down

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


async def ended_job(clipzy, upload_parts, url="https://example.com/hook") -> str:
    video = (await clipzy.videos.UploadVideo(upload_parts(b"footage"), metadata=clipzy.ada)).video
    asked = job_calls.CreateJobRequest(video_id=video.video_id, webhook_url=url)
    job = (await clipzy.jobs.CreateJob(asked, metadata=clipzy.ada)).job
    await clipzy.jobs.CancelJob(job_calls.CancelJobRequest(job_id=job.job_id), metadata=clipzy.ada)
    return job.job_id


async def log_of(clipzy, token, **asked) -> wire.ListDeliveriesResponse:
    return await clipzy.webhooks.ListDeliveries(wire.ListDeliveriesRequest(**asked), metadata=token)


async def test_the_log_tells_of_every_try(clipzy, desk, upload_parts):
    job_id = await ended_job(clipzy, upload_parts)
    async with desk.database.transaction() as connection:
        (leased,) = await lease_due(connection, at_most=1, per_owner=1, lease_s=60)
        await write_down(connection, leased, DeliveryAttempt(AT, 503, None), 0.0)
        (leased,) = await lease_due(connection, at_most=1, per_owner=1, lease_s=60)
        await write_down(connection, leased, DeliveryAttempt(AT, None, "No HTTP answer came."), None)
    log = await log_of(clipzy, clipzy.ada)
    (delivery,) = log.deliveries
    assert (log.total, log.page, log.page_size) == (1, 1, 10)
    assert (delivery.job_id, delivery.url) == (job_id, "https://example.com/hook")
    assert delivery.state == wire.DELIVERY_STATE_FAILED
    first, second = delivery.attempts
    assert (first.at.ToDatetime(UTC), first.status, first.HasField("error")) == (AT, 503, False)
    assert (second.HasField("status"), second.error) == (False, "No HTTP answer came.")


async def test_the_log_is_newest_first_and_of_one_job_where_asked(clipzy, upload_parts):
    jobs = [await ended_job(clipzy, upload_parts) for _ in range(3)]
    assert [one.job_id for one in (await log_of(clipzy, clipzy.ada)).deliveries] == jobs[::-1]
    second = await log_of(clipzy, clipzy.ada, page=2, page_size=2)
    assert ([one.job_id for one in second.deliveries], second.total) == (jobs[:1], 3)
    assert [one.job_id for one in (await log_of(clipzy, clipzy.ada, job_id=jobs[1])).deliveries] == [jobs[1]]


async def test_a_message_is_sent_again(clipzy, desk, upload_parts):
    await ended_job(clipzy, upload_parts)
    async with desk.database.transaction() as connection:
        (leased,) = await lease_due(connection, at_most=1, per_owner=1, lease_s=60)
        await write_down(connection, leased, DeliveryAttempt(AT, 204, None), None)
    (delivery,) = (await log_of(clipzy, clipzy.ada)).deliveries
    assert delivery.state == wire.DELIVERY_STATE_DELIVERED
    asked = wire.ResendDeliveryRequest(delivery_id=delivery.delivery_id)
    again = (await clipzy.webhooks.ResendDelivery(asked, metadata=clipzy.ada)).delivery
    assert (again.delivery_id, again.state) == (delivery.delivery_id, wire.DELIVERY_STATE_PENDING)
    async with desk.database.transaction() as connection:
        (leased,) = await lease_due(connection, at_most=1, per_owner=1, lease_s=60)
    assert leased.delivery_id == delivery.delivery_id


async def test_other_peoples_deliveries_are_as_unknown_ones(clipzy, refusal, upload_parts):
    job_id = await ended_job(clipzy, upload_parts)
    (delivery,) = (await log_of(clipzy, clipzy.ada)).deliveries
    assert (await log_of(clipzy, clipzy.bob)).total == 0
    for asked in (job_id, "job_unknown"):
        assert await refusal(log_of(clipzy, clipzy.bob, job_id=asked)) == "JOB_NOT_FOUND"
    for asked in (delivery.delivery_id, "dlv_unknown"):
        stolen = clipzy.webhooks.ResendDelivery(wire.ResendDeliveryRequest(delivery_id=asked), metadata=clipzy.bob)
        assert await refusal(stolen) == "DELIVERY_NOT_FOUND"


async def test_an_id_that_no_database_holds_is_refused(clipzy, refusal):
    assert await refusal(log_of(clipzy, clipzy.ada, job_id="job\x00")) == "VALIDATION_ERROR"


async def test_an_impossible_page_is_refused(clipzy, refusal):
    assert await refusal(log_of(clipzy, clipzy.ada, page_size=101)) == "VALIDATION_ERROR"

"""The outbox and its couriers, on a real database and with receivers on real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import accumulate

import pytest
from sqlalchemy import text
from standardwebhooks import Webhook

from clipzy_server.domain.errors import ErrorCode
from clipzy_server.domain.job import Artifact, Job, JobFailure, JobStatus, Stage
from clipzy_server.domain.owner import Owner
from clipzy_server.domain.page import PageRequest
from clipzy_server.domain.webhook import Delivery, DeliveryAttempt, DeliveryState
from clipzy_server.jobs.courier import PAUSES_S, Courier, CourierSettings
from clipzy_server.jobs.outbound import CheckedNetwork, Resolver
from clipzy_server.jobs.post import Post
from clipzy_server.rest.webhook_json import webhook_body
from clipzy_server.store import deliveries, jobs
from clipzy_server.store.notices import Notices
from clipzy_server.usecases.requests import Limits, NewJob
from clipzy_server.usecases.webhooks import WebhookSecrets
from tests.receivers import Receiver, status

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FAILURE = JobFailure(Stage.RENDERING, ErrorCode.RENDER_FAILED, "The encoder stopped.")
AT_ONCE = (0.0,) * len(PAUSES_S)


@pytest.fixture
def desk(desk):
    """The desk of an installation that takes private addresses."""
    desk.limits = Limits(free_disk_reserve_bytes=0, allow_private_webhooks=True)
    return desk


@pytest.fixture
async def receiver():
    async with Receiver().running() as running:
        yield running


@asynccontextmanager
async def courier(desk, **settings) -> AsyncIterator[Courier]:
    resolver = Resolver()
    post = Post(CheckedNetwork(resolver, allow_private=True))
    running = Courier(desk.database, post, webhook_body, CourierSettings(**{"poll_s": 0.01, **settings}))
    running.start()
    yield running
    await running.close()
    resolver.close()


async def new_job(desk, url: str | None, owner: Owner | None = None) -> Job:
    owner = owner or desk.owner
    mine, desk.owner = desk.owner, owner
    video = await desk.upload(b"footage")
    desk.owner = mine
    return await desk.jobs.create(owner, NewJob(video.video_id, webhook_url=url))


async def cancelled_job(desk, url: str | None, owner: Owner | None = None) -> Job:
    job = await new_job(desk, url, owner)
    return await desk.jobs.cancel(owner or desk.owner, job.job_id)


async def log_of(desk, job: Job | None = None) -> tuple[Delivery, ...]:
    return (await desk.webhooks.list(desk.owner, PageRequest(1, 100), job.job_id if job else None)).items


async def until_state(desk, job: Job, state: DeliveryState) -> Delivery:
    for _ in range(3000):
        (delivery,) = await log_of(desk, job)
        if delivery.state is state:
            return delivery
        await asyncio.sleep(0.01)
    raise AssertionError(f"the delivery is {delivery}")


async def lease(desk, **limits) -> tuple[deliveries.LeasedDelivery, ...]:
    async with desk.database.transaction() as connection:
        return await deliveries.lease_due(connection, **{"at_most": 100, "per_owner": 100, "lease_s": 60.0, **limits})


async def write_down(desk, leased, attempt: DeliveryAttempt, pause_s: float | None = None) -> None:
    async with desk.database.transaction() as connection:
        await deliveries.write_down(connection, leased, attempt, pause_s)


async def test_every_end_of_a_job_writes_one_message(desk) -> None:
    done, failed, cancelled, timed_out = [await new_job(desk, "https://example.com/x") for _ in range(4)]
    await desk.progress.started(done.job_id)
    await desk.progress.completed(done.job_id, Artifact("output.mp4", 1, "key", "0"), ())
    await desk.progress.failed(failed.job_id, FAILURE)
    await desk.jobs.cancel(desk.owner, cancelled.job_id)
    await desk.progress.cancelled(timed_out.job_id)
    for job in (done, failed, cancelled, timed_out):
        await desk.progress.failed(job.job_id, FAILURE)  # too late: it has ended
        (delivery,) = await log_of(desk, job)
        assert (delivery.url, delivery.attempts, delivery.state) == ("https://example.com/x", (), DeliveryState.PENDING)


async def test_without_an_address_or_an_end_there_is_no_message(desk) -> None:
    await cancelled_job(desk, None)
    await desk.progress.started((await new_job(desk, "https://example.com/x")).job_id)
    assert await log_of(desk) == ()


async def test_the_message_comes_with_the_end_of_the_job_or_not_at_all(desk) -> None:
    job = await new_job(desk, "https://example.com/x")

    async def cut() -> None:
        async with desk.database.transaction() as connection:
            await jobs.change_job(connection, job.job_id, (JobStatus.QUEUED,), jobs.ended(JobStatus.CANCELLED))
            assert (await connection.execute(text("SELECT count(*) FROM clipzy.webhook_delivery"))).scalar_one() == 1
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await cut()
    assert await log_of(desk) == ()


async def test_a_message_tells_what_the_result_tells_and_is_signed(desk, receiver) -> None:
    job = await new_job(desk, receiver.url())
    await desk.progress.started(job.job_id)
    await desk.progress.completed(job.job_id, Artifact("output.mp4", 1, "key", "0"), ())
    async with courier(desk):
        delivery = await until_state(desk, job, DeliveryState.DELIVERED)
    (request,) = receiver.got
    result = await desk.jobs.result(desk.owner, job.job_id)
    assert request.body == webhook_body(result)
    assert request.headers["webhook-id"] == delivery.delivery_id
    (secret,) = await WebhookSecrets(desk.database).signing(desk.owner.owner_id)
    assert Webhook(secret).verify(request.body, request.headers)["job_id"] == job.job_id
    assert [(one.status, one.error) for one in delivery.attempts] == [(200, None)]


async def test_a_failed_try_is_repeated_with_the_same_id_and_body_until_it_succeeds(desk, receiver) -> None:
    receiver.answers = [status(500), status(302, "location: /followed"), b"nonsense\r\n\r\n", status(404)]
    job = await cancelled_job(desk, receiver.url())
    async with courier(desk, pauses_s=AT_ONCE):
        delivery = await until_state(desk, job, DeliveryState.DELIVERED)
    assert [one.status for one in delivery.attempts] == [500, 302, None, 404, 200]
    assert len({(one.path, one.headers["webhook-id"], one.body) for one in receiver.got}) == 1


async def test_after_the_last_try_the_delivery_has_failed(desk, receiver) -> None:
    receiver.answers = [status(503)] * 20
    job = await cancelled_job(desk, receiver.url())
    async with courier(desk, pauses_s=AT_ONCE):
        delivery = await until_state(desk, job, DeliveryState.FAILED)
    assert [one.status for one in delivery.attempts] == [503] * 7
    assert len(receiver.got) == 7


async def test_an_idle_courier_is_told_of_messages_and_repeats_its_own_tries(desk, receiver) -> None:
    receiver.answers = [status(503)]
    told = Notices(desk.database)
    async with courier(desk, poll_s=3600.0, pauses_s=(0.01,)) as running:
        told.call(deliveries.OUTBOX_CHANNEL, lambda _: running.wake())
        await told.start()
        for _ in range(2):
            await until_state(desk, await cancelled_job(desk, receiver.url()), DeliveryState.DELIVERED)
    await told.close()
    assert len(receiver.got) == 3


def test_the_tries_of_a_round_come_at_the_published_times() -> None:
    assert [0.0, *accumulate(PAUSES_S)] == [0, 5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600]


async def test_the_next_try_is_due_after_its_pause_and_not_before(desk) -> None:
    await cancelled_job(desk, "https://example.com/x")
    (leased,) = await lease(desk)
    await write_down(desk, leased, DeliveryAttempt(AT, 500, None), 3600.0)
    assert await lease(desk) == ()
    (delivery,) = await log_of(desk)
    assert delivery.state is DeliveryState.PENDING
    await desk.webhooks.resend(desk.owner, delivery.delivery_id)
    (again,) = await lease(desk)
    assert (again.delivery_id, again.tries) == (delivery.delivery_id, 0)


async def test_several_couriers_try_each_delivery_once(desk, receiver) -> None:
    ended = [await cancelled_job(desk, receiver.url()) for _ in range(20)]
    async with courier(desk), courier(desk), courier(desk):
        for job in ended:
            await until_state(desk, job, DeliveryState.DELIVERED)
    told = [json.loads(one.body)["job_id"] for one in receiver.got]
    assert sorted(told) == sorted(job.job_id for job in ended)


async def test_what_is_being_tried_is_nobody_elses_until_the_lease_ends(desk) -> None:
    await cancelled_job(desk, "https://example.com/x")
    (lost,) = await lease(desk, lease_s=0.0)
    (taken,) = await lease(desk)
    assert await lease(desk) == ()
    await write_down(desk, lost, DeliveryAttempt(AT, 500, None))
    (delivery,) = await log_of(desk)
    assert ([one.status for one in delivery.attempts], delivery.state) == ([500], DeliveryState.PENDING)
    assert await lease(desk) == ()
    await write_down(desk, taken, DeliveryAttempt(AT, 200, None))
    (delivery,) = await log_of(desk)
    assert ([one.status for one in delivery.attempts], delivery.state) == ([500, 200], DeliveryState.DELIVERED)


async def test_a_message_asked_for_again_during_a_try_is_sent_after_it(desk) -> None:
    await cancelled_job(desk, "https://example.com/x")
    (leased,) = await lease(desk)
    await desk.webhooks.resend(desk.owner, leased.delivery_id)
    assert await lease(desk) == ()
    await write_down(desk, leased, DeliveryAttempt(AT, 200, None))
    assert [one.delivery_id for one in await lease(desk)] == [leased.delivery_id]


async def test_the_log_keeps_the_newest_tries(desk) -> None:
    await cancelled_job(desk, "https://example.com/x")
    for number in range(deliveries.MOST_ATTEMPTS + 3):
        (leased,) = await lease(desk)
        await write_down(desk, leased, DeliveryAttempt(AT, 400 + number, None), 0.0)
    (delivery,) = await log_of(desk)
    assert [one.status for one in delivery.attempts] == [403 + n for n in range(deliveries.MOST_ATTEMPTS)]


async def test_receivers_that_hang_delay_nobody_elses_messages(desk, receiver) -> None:
    async with Receiver(answers=[None] * 30).running() as hanging:
        for _ in range(10):
            await cancelled_job(desk, hanging.url())
        async with courier(desk, at_once=4, per_owner=2):
            await hanging.requests(2)
            others = await cancelled_job(desk, receiver.url(), desk.stranger)
            (request,) = await receiver.requests(1)
            assert json.loads(request.body)["job_id"] == others.job_id
            assert len(hanging.got) == 2


async def test_each_owner_has_its_turns(desk) -> None:
    mine = [await cancelled_job(desk, "https://example.com/x") for _ in range(5)]
    theirs = await cancelled_job(desk, "https://example.com/x", desk.stranger)
    first = await lease(desk, at_most=2, per_owner=3)
    assert [one.job_id for one in first] == [mine[0].job_id, theirs.job_id]
    assert [one.job_id for one in await lease(desk, per_owner=3)] == [mine[1].job_id, mine[2].job_id]
    assert await lease(desk, per_owner=3) == ()


async def test_a_courier_that_ends_leaves_its_tries_to_the_next(desk, receiver) -> None:
    receiver.answers = [None]
    job = await cancelled_job(desk, receiver.url())
    async with courier(desk):
        await receiver.requests(1)
    async with courier(desk):
        delivery = await until_state(desk, job, DeliveryState.DELIVERED)
    assert len(delivery.attempts) == 1
    assert len({one.headers["webhook-id"] for one in receiver.got}) == 1


async def test_a_message_that_cannot_be_made_is_not_tried_for_ever(desk, receiver, caplog) -> None:
    def broken(result: object) -> bytes:
        raise ValueError("no such field")

    job = await cancelled_job(desk, receiver.url())
    resolver = Resolver()
    post = Post(CheckedNetwork(resolver, allow_private=True))
    clumsy = Courier(desk.database, post, broken, CourierSettings(poll_s=0.01, pauses_s=(0.0,)))
    clumsy.start()
    delivery = await until_state(desk, job, DeliveryState.FAILED)
    await clumsy.close()
    resolver.close()
    assert [one.error for one in delivery.attempts] == ["The message could not be sent."] * 2
    assert "no such field" in caplog.text


async def test_a_courier_goes_on_after_an_error_of_the_outbox(desk, receiver, caplog) -> None:
    async with desk.database.transaction() as connection:
        await connection.execute(text("ALTER TABLE clipzy.webhook_delivery RENAME TO away"))
    async with courier(desk):
        for _ in range(3000):
            if "the outbox could not be asked" in caplog.text:
                break
            await asyncio.sleep(0.01)
        async with desk.database.transaction() as connection:
            await connection.execute(text("ALTER TABLE clipzy.away RENAME TO webhook_delivery"))
        await cancelled_job(desk, receiver.url())
        await receiver.requests(1)
    assert "the outbox could not be asked" in caplog.text


async def test_after_a_rotation_both_secrets_verify(desk, receiver) -> None:
    secrets = WebhookSecrets(desk.database)
    (old,) = await secrets.signing(desk.owner.owner_id)
    new = await secrets.rotate(desk.owner.owner_id)
    assert await secrets.signing(desk.owner.owner_id) == (new, old)
    await cancelled_job(desk, receiver.url())
    async with courier(desk):
        (request,) = await receiver.requests(1)
    for secret in (old, new):
        Webhook(secret).verify(request.body, request.headers)


async def test_an_owner_has_one_secret_however_many_ask_at_once(desk) -> None:
    secrets = WebhookSecrets(desk.database)
    asked = await asyncio.gather(*(secrets.signing(desk.owner.owner_id) for _ in range(8)))
    assert len(set(asked)) == 1
    ((secret,), *_) = asked
    assert secret.startswith("whsec_")
    assert await secrets.signing(desk.stranger.owner_id) != (secret,)


async def test_no_secret_gets_into_the_log(desk, receiver, caplog) -> None:
    caplog.set_level("DEBUG")
    (secret,) = await WebhookSecrets(desk.database).signing(desk.owner.owner_id)
    job = await cancelled_job(desk, receiver.url())
    async with courier(desk):
        delivery = await until_state(desk, job, DeliveryState.DELIVERED)
    assert delivery.delivery_id in caplog.text
    assert secret not in caplog.text

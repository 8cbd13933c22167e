"""What a worker tells a collector of jobs that go wrong; a whole trace is in tests/acceptance/test_traces.py."""

import signal
from dataclasses import replace

import pytest

from clipzy_server.domain.job import Job, JobConfig, Stage
from tests.collectors import Collector, collecting
from tests.integration.jobs.conftest import OWNER, new_job

TRACE, CALL = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def collector():
    with collecting() as running:
        yield running


async def traced_job(shop) -> Job:
    """A job that a call of that trace queued."""
    video = await shop.add_video(b"footage")
    job = replace(new_job(video.video_id, OWNER, JobConfig()), traceparent=f"00-{TRACE}-{CALL}-01")
    async with shop.database.transaction() as connection:
        await shop.enqueue(connection, job)
    return job


async def tell_all(shop) -> None:
    """Workers that are told to end tell what they have not told yet."""
    for worker in shop.workers:
        if worker.returncode is None:
            worker.send_signal(signal.SIGTERM)
            await worker.wait()


def stages(collector: Collector) -> list[tuple[str, int | str, str | None]]:
    """Name, attempt and failure of each attempt at a stage."""
    names = {stage.value for stage in Stage}
    return [
        (span.name, span.attributes["clipzy.attempt"], span.failure) for span in collector.spans if span.name in names
    ]


async def test_a_stage_that_fails_is_told_with_its_code(shop, collector) -> None:
    (shop.folder / "fail-rendering").touch()
    await shop.add_worker("one", OTEL_EXPORTER_OTLP_ENDPOINT=collector.address)
    await shop.until_over(await traced_job(shop))
    await tell_all(shop)
    assert stages(collector) == [
        *((stage.value, 1, None) for stage in Stage if stage is not Stage.RENDERING),
        ("rendering", 1, "RENDER_FAILED"),
    ]
    assert {(span.trace, span.parent) for span in collector.spans} == {(TRACE, CALL)}


async def test_an_attempt_that_is_handed_over_and_the_next_one_are_told_and_the_wait_once(shop, collector) -> None:
    hold = shop.folder / "hold-rendering"
    hold.touch()
    await shop.add_worker("one", OTEL_EXPORTER_OTLP_ENDPOINT=collector.address)
    job = await traced_job(shop)
    await shop.until_running("rendering")
    await tell_all(shop)
    hold.unlink()
    await shop.add_worker("two", OTEL_EXPORTER_OTLP_ENDPOINT=collector.address)
    await shop.until_over(job)
    await tell_all(shop)
    assert [told for told in stages(collector) if told[0] == "rendering"] == [
        ("rendering", 1, None),
        ("rendering", 2, None),
    ]
    assert [span.attributes.get("clipzy.cancelled") for span in collector.spans if span.name == "rendering"] == [
        "true",
        None,
    ]
    assert len([span for span in collector.spans if span.name == "queued"]) == 1


async def test_jobs_queued_without_a_trace_are_told_to_nobody(shop, collector) -> None:
    await shop.add_worker("one", OTEL_EXPORTER_OTLP_ENDPOINT=collector.address)
    await shop.until_over(await shop.add_job())
    await tell_all(shop)
    assert collector.spans == []

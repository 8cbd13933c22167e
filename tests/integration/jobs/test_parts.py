"""Long outputs are rendered in parts, which any worker may take."""

import asyncio

import pytest

from clipzy_server.domain.job import JobStatus, Stage

STAGES = [stage.value for stage in Stage]
PARTS = [f"part-{number}" for number in range(3)]


@pytest.fixture
def long_shop(shop):
    (shop.folder / "parts").write_text("3")
    return shop


async def output_of(shop, job) -> bytes:
    result = await shop.result(job)
    output = next(artifact for artifact in result.artifacts if artifact.name == "output.mp4")
    return b"".join([piece async for piece in shop.blobs.read(output.blob_key)])


async def until_all_run(shop, *names: str) -> None:
    for name in names:
        await shop.until_running(name)


async def test_one_worker_makes_all_parts_and_joins_them(long_shop) -> None:
    hold = long_shop.folder / "hold-part-0"
    hold.touch()
    await long_shop.add_worker("one", MAX_CONCURRENT_JOBS="1")
    job = await long_shop.add_job()
    await long_shop.until_running("part-0")
    await asyncio.sleep(1.0)
    hold.unlink()
    assert (await long_shop.until_over(job)).status is JobStatus.COMPLETED
    assert await output_of(long_shop, job) == b"part 0;part 1;part 2;"
    assert sorted(long_shop.ran()) == sorted([*STAGES, *PARTS])
    # A lower bound, since the first part was held for so long.
    assert (await long_shop.result(job)).stage_seconds[Stage.RENDERING] >= 1.0

    async def is_tidy() -> bool:
        kept = sorted(artifact.blob_key for artifact in (await long_shop.result(job)).artifacts)
        return await long_shop.blobs.keys("jobs") == kept

    await long_shop.until(is_tidy)


async def test_two_workers_make_parts_of_one_job_at_the_same_time(long_shop) -> None:
    holds = [long_shop.folder / f"hold-{part}" for part in PARTS[:2]]
    for hold in holds:
        hold.touch()
    for name in ("one", "two"):
        await long_shop.add_worker(name, MAX_CONCURRENT_JOBS="1")
    job = await long_shop.add_job()
    await until_all_run(long_shop, *PARTS[:2])
    for hold in holds:
        hold.unlink()
    assert (await long_shop.until_over(job)).status is JobStatus.COMPLETED
    assert await output_of(long_shop, job) == b"part 0;part 1;part 2;"


async def test_progress_grows_with_the_parts_that_are_made(long_shop) -> None:
    (long_shop.folder / "hold-part-2").touch()
    await long_shop.add_worker("one", MAX_CONCURRENT_JOBS="1")
    job = await long_shop.add_job()
    await long_shop.until_running("part-2")

    async def is_told() -> bool:
        seen = await long_shop.job(job)
        return (seen.current_stage, seen.stage_progress_percent) == (Stage.RENDERING, 60)

    await long_shop.until(is_told)
    assert (await long_shop.job(job)).progress_percent < 99


@pytest.mark.parametrize("end", ["kill", "terminate"])
async def test_of_a_worker_that_ends_only_its_part_is_made_again(long_shop, end: str) -> None:
    (long_shop.folder / "hold-part-1").touch()
    worker = await long_shop.add_worker("one", MAX_CONCURRENT_JOBS="1")
    job = await long_shop.add_job()
    await long_shop.until_running("part-1")
    getattr(worker, end)()
    await worker.wait()
    (long_shop.folder / "hold-part-1").unlink()
    await long_shop.add_worker("two", MAX_CONCURRENT_JOBS="1")
    assert (await long_shop.until_over(job)).status is JobStatus.COMPLETED
    assert await output_of(long_shop, job) == b"part 0;part 1;part 2;"
    assert sorted(long_shop.ran()) == sorted([*STAGES, *PARTS, "part-1"])


async def test_a_part_that_fails_fails_the_job(long_shop) -> None:
    (long_shop.folder / "fail-part-1").touch()
    await long_shop.add_worker("one", MAX_CONCURRENT_JOBS="1")
    over = await long_shop.until_over(await long_shop.add_job())
    assert (over.error.stage, over.error.code) == (Stage.RENDERING, "RENDER_FAILED")
    assert "rendering" not in long_shop.ran()


async def test_a_cancelled_job_ends_all_its_parts(long_shop) -> None:
    for part in PARTS:
        (long_shop.folder / f"hold-{part}").touch()
    await long_shop.add_worker("one", MAX_CONCURRENT_JOBS="2")
    job = await long_shop.add_job()
    await until_all_run(long_shop, *PARTS[:2])
    await long_shop.cancel(job)

    async def is_tidy() -> bool:
        return not await long_shop.blobs.keys("jobs")

    await long_shop.until(is_tidy)
    for part in PARTS:
        (long_shop.folder / f"hold-{part}").unlink()
    (long_shop.folder / "parts").unlink()
    assert (await long_shop.until_over(await long_shop.add_job())).status is JobStatus.COMPLETED
    assert "part-2" not in long_shop.ran()

"""Workers with nothing in common but PostgreSQL and S3, and workers of two versions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import boto3
import pytest

from clipzy_server.domain.job import JobResult, JobStatus, Stage
from clipzy_server.store.blobs import Blobs, BlobSettings
from clipzy_server.store.database import Database
from tests.integration.jobs.conftest import Shop, open_shop
from tests.integration.jobs.hosts import Host, can_make_hosts, host, relay

STAGES = [stage.value for stage in Stage]


@pytest.fixture
async def cluster(database: Database, database_url: str, tmp_path: Path, s3_address: str) -> AsyncIterator[Shop]:
    """Blobs on S3: each worker stages them in a folder of its own, as on a machine of its own."""
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    bucket = f"clipzy-{uuid4().hex}"
    boto3.client("s3", endpoint_url=s3_address, region_name="us-east-1", **keys).create_bucket(Bucket=bucket)
    blobs = Blobs(BlobSettings(tmp_path / "server", bucket, "", "us-east-1", s3_address, "test", "test"))
    async with open_shop(database, database_url, tmp_path, blobs) as shop:
        shop.storage = {
            "STORAGE_TYPE": "s3",
            "S3_BUCKET_NAME": bucket,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": s3_address,
            "AWS_ALLOW_HTTP": "true",
            **{name.upper(): value for name, value in keys.items()},
        }
        yield shop


def machine(shop: Shop, name: str) -> dict[str, str]:
    return {"CLIPZY_LOCAL_STORAGE_PATH": str(shop.folder / name)}


async def test_a_job_moves_to_another_machine_when_its_own_is_restarted(cluster: Shop) -> None:
    hold = cluster.folder / "hold-motion_analysis"
    hold.touch()
    first = await cluster.add_worker("one", CLIPZY_WORKER_DEAD_SECONDS="60", **machine(cluster, "one"))
    job = await cluster.add_job(template=await cluster.add_video(b"template"))
    await cluster.until_running("motion_analysis")
    await cluster.add_worker("two", CLIPZY_WORKER_DEAD_SECONDS="60", **machine(cluster, "two"))
    first.terminate()
    assert await first.wait() == 0
    hold.unlink()
    assert (await cluster.until_over(job)).status is JobStatus.COMPLETED
    assert cluster.ran() == [*STAGES[:3], *STAGES[2:]]
    output = await cluster.result(job)
    assert {artifact.name for artifact in output.artifacts} >= {"output.mp4", "style.json"}
    assert not any((cluster.folder / "one").rglob("features.bin")), "the first machine keeps nothing"


async def test_a_job_moves_to_another_machine_when_its_own_is_lost(cluster: Shop) -> None:
    hold = cluster.folder / "hold-style_application"
    hold.touch()
    first = await cluster.add_worker("one", **machine(cluster, "one"))
    job = await cluster.add_job()
    await cluster.until_running("style_application")
    await cluster.add_worker("two", **machine(cluster, "two"))
    first.kill()
    await first.wait()
    hold.unlink()
    assert (await cluster.until_over(job)).status is JobStatus.COMPLETED
    assert cluster.ran() == [*STAGES[:5], *STAGES[4:]]


async def test_jobs_are_shared_by_all_machines(cluster: Shop) -> None:
    holds = [cluster.folder / f"hold-{stage}" for stage in STAGES[:1]]
    for hold in holds:
        hold.touch()
    for name in ("one", "two", "three"):
        await cluster.add_worker(name, MAX_CONCURRENT_JOBS="1", **machine(cluster, name))
    jobs = [await cluster.add_job() for _ in range(3)]

    async def all_run() -> bool:
        return cluster.ran().count(STAGES[0]) == 3

    await cluster.until(all_run)
    for hold in holds:
        hold.unlink()
    ended = await asyncio.gather(*(cluster.until_over(job) for job in jobs))
    assert {job.status for job in ended} == {JobStatus.COMPLETED}


async def test_parts_of_one_output_are_made_on_two_machines(cluster: Shop) -> None:
    (cluster.folder / "parts").write_text("2")
    holds = [cluster.folder / f"hold-part-{number}" for number in range(2)]
    for hold in holds:
        hold.touch()
    for name in ("one", "two"):
        await cluster.add_worker(name, MAX_CONCURRENT_JOBS="1", **machine(cluster, name))
    job = await cluster.add_job()
    for number in range(2):
        await cluster.until_running(f"part-{number}")
    for hold in holds:
        hold.unlink()
    assert (await cluster.until_over(job)).status is JobStatus.COMPLETED
    result = await cluster.result(job)
    assert isinstance(result, JobResult)
    output = next(artifact for artifact in result.artifacts if artifact.name == "output.mp4")
    assert b"".join([piece async for piece in cluster.blobs.read(output.blob_key)]) == b"part 0;part 1;"


async def test_workers_of_another_version_leave_a_job_to_its_own(shop: Shop) -> None:
    hold = shop.folder / "hold-audio_analysis"
    hold.touch()
    old = await shop.add_worker("old")
    job = await shop.add_job()
    await shop.until_running("audio_analysis")
    await shop.add_worker("new", CLIPZY_TEST_VERSION="another")
    waiting = await shop.add_job()
    hold.unlink()
    assert (await shop.until_over(job)).status is JobStatus.COMPLETED
    assert (await shop.until_over(waiting)).status is JobStatus.COMPLETED
    assert old.returncode is None
    assert shop.ran() == [*STAGES, *STAGES]


async def test_jobs_of_a_version_without_workers_are_begun_anew(shop: Shop) -> None:
    hold = shop.folder / "hold-motion_analysis"
    hold.touch()
    old = await shop.add_worker("old")
    job = await shop.add_job()
    waiting = await shop.add_job()
    await shop.until_running("motion_analysis")
    old.kill()
    await old.wait()
    hold.unlink()
    await shop.add_worker("new", CLIPZY_TEST_VERSION="another")
    assert (await shop.until_over(job)).status is JobStatus.COMPLETED
    assert (await shop.until_over(waiting)).status is JobStatus.COMPLETED
    assert shop.ran() == [*STAGES[:3], *STAGES, *STAGES]


@asynccontextmanager
async def reached_from(host: Host, shop: Shop) -> AsyncIterator[dict[str, str]]:
    """The settings of a worker on that machine, to which database and storage are addresses."""
    database, storage = urlsplit(shop.url), urlsplit(shop.storage["AWS_ENDPOINT_URL"])
    (folder,) = parse_qs(database.query)["host"]
    async with (
        relay(host.outside, lambda: asyncio.open_unix_connection(f"{folder}/.s.PGSQL.5432")) as database_port,
        relay(host.outside, lambda: asyncio.open_connection(storage.hostname, storage.port)) as storage_port,
    ):
        yield {
            "CLIPZY_DATABASE_URL": f"postgresql://clipzy@{host.outside}:{database_port}{database.path}",
            "AWS_ENDPOINT_URL": f"http://{host.outside}:{storage_port}",
            **machine(shop, host.name),
        }


@pytest.mark.skipif(not can_make_hosts(), reason="only root makes network namespaces")
async def test_a_machine_that_is_cut_off_loses_its_job_and_comes_back(cluster: Shop) -> None:
    hold = cluster.folder / "hold-motion_analysis"
    hold.touch()
    with host() as one, host() as two:
        async with reached_from(one, cluster) as from_one, reached_from(two, cluster) as from_two:
            first = await cluster.add_worker("one", one.prefix, **from_one)
            job = await cluster.add_job(template=await cluster.add_video(b"template"))
            await cluster.until_running("motion_analysis")
            one.cut()
            second = await cluster.add_worker("two", two.prefix, **from_two)

            async def taken_over() -> bool:
                return cluster.ran().count("motion_analysis") == 2

            # What the lost machine had locked is free after 25 s of silence.
            await cluster.until(taken_over, polls=6000)
            hold.unlink()
            over = await cluster.until_over(job)
            one.mend()
            assert (over.status, over.attempt) == (JobStatus.COMPLETED, 2)
            assert cluster.ran() == [*STAGES[:3], *STAGES[2:]]
            second.terminate()
            await second.wait()
            later = await cluster.add_job()
            assert (await cluster.until_over(later)).status is JobStatus.COMPLETED
            assert first.returncode is None
            assert (await cluster.job(job)).completed_at == over.completed_at
            first.kill()
            await first.wait()

"""What is going on, for Prometheus: a listener of its own on a loopback address, never the public port.

Jobs, workers and webhooks are counted by the database when somebody asks, so that no process takes its counts with it;
every server tells the same. Requests and uploads are counted by the process that served them.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import asynccontextmanager
from itertools import accumulate

from prometheus_client import REGISTRY, CollectorRegistry, start_http_server
from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from clipzy_server.app.parts import Store
from clipzy_server.domain.errors import ClipzyError
from clipzy_server.domain.job import JobStatus, Stage
from clipzy_server.store.measures import STAGE_BOUNDS_S, Measures, read_measures
from clipzy_server.store.workers import count_alive

_PATIENCE_S = 5.0

_log = logging.getLogger("clipzy.metrics")


class Installation(Collector):
    """Asks database and disk at each scrape. Scrapes run in threads; the questions run in `loop`."""

    def __init__(self, store: Store, alive_within_s: float, loop: asyncio.AbstractEventLoop) -> None:
        self._store = store
        self._alive_within_s = alive_within_s
        self._loop = loop

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering must not ask the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Every metric; without the database those that need none."""
        yield _gauge("clipzy_disk_free_bytes", "Free on the disk of the storage", self._store.blobs.free_bytes())
        asking = asyncio.run_coroutine_threadsafe(self._ask(), self._loop)
        try:
            measures, alive = asking.result(_PATIENCE_S)
        except (ClipzyError, FutureTimeoutError):
            asking.cancel()
            yield _gauge("clipzy_database_up", "1 while the database answers", 0)
            return
        yield _gauge("clipzy_database_up", "1 while the database answers", 1)
        yield _gauge("clipzy_workers_alive", "Workers that beat lately", alive)
        yield from _jobs(measures)
        yield from _webhooks(measures)

    async def _ask(self) -> tuple[Measures, int]:
        async with self._store.database.reading() as connection:
            return await read_measures(connection), await count_alive(connection, self._alive_within_s)


def _jobs(measures: Measures) -> Iterator[Metric]:
    jobs = GaugeMetricFamily("clipzy_jobs", "Jobs that have not ended, by state and stage", labels=("state", "stage"))
    none_yet = dict.fromkeys(((JobStatus.QUEUED.value, ""), *((JobStatus.PROCESSING.value, s.value) for s in Stage)), 0)
    for labels, count in {**none_yet, **measures.active}.items():
        jobs.add_metric(labels, count)
    yield jobs
    ended = GaugeMetricFamily("clipzy_jobs_ended", "Jobs that ended within the last hour", labels=("state",))
    for state in (status for status in JobStatus if status.is_terminal):
        ended.add_metric((state.value,), measures.ended.get(state.value, 0))
    yield ended
    yield _gauge("clipzy_queue_oldest_seconds", "Age of the oldest queued job", measures.oldest_queued_s)
    yield _gauge("clipzy_job_recoveries", "Attempts beyond the first, active jobs and last hour's", measures.recoveries)
    stages = GaugeHistogramMetricFamily(
        "clipzy_stage_seconds", "Stages of the jobs that ended within the last hour", labels=("stage",)
    )
    bounds = (*map(str, STAGE_BOUNDS_S), "+Inf")
    for stage, taken in sorted(measures.stages.items()):
        stages.add_metric((stage,), list(zip(bounds, accumulate(taken.times), strict=True)), taken.total_s)
    yield stages


def _webhooks(measures: Measures) -> Iterator[Metric]:
    yield _gauge("clipzy_webhooks_pending", "Messages to be delivered", measures.webhooks_pending)
    yield _gauge("clipzy_webhooks_retrying", "Messages among them that failed before", measures.webhooks_retrying)
    yield _gauge("clipzy_webhooks_failed", "Messages of the last day's jobs, given up", measures.webhooks_failed)
    yield _gauge("clipzy_webhook_lag_seconds", "How late the message due longest is", measures.webhook_lag_s)


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value)


@asynccontextmanager
async def metrics_listener(
    address: str | None, store: Store, alive_within_s: float, registry: CollectorRegistry = REGISTRY
) -> AsyncIterator[int | None]:
    """Answers scrapes of `host:port` while the block runs, which is given the port; without an address it does nothing.

    An address that is taken is told in the log: what is watched goes on without being watched.
    """
    if address is None:
        yield None
        return
    host, _, port = address.rpartition(":")
    try:
        server, thread = start_http_server(int(port), host.strip("[]"), registry)
    except OSError as error:
        _log.error("CLIPZY_METRICS_ADDRESS: nothing can listen on %s: %s", address, error.strerror)
        yield None
        return
    installation = Installation(store, alive_within_s, asyncio.get_running_loop())
    registry.register(installation)
    try:
        yield server.server_port
    finally:
        registry.unregister(installation)
        await asyncio.to_thread(server.shutdown)
        server.server_close()
        thread.join()

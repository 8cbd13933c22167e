"""`clipzy serve`: one server process, for gRPC and, behind the gateway, REST."""

import asyncio
from dataclasses import dataclass

from clipzy_server import __version__
from clipzy_server.api.services import api_services
from clipzy_server.app.boxes import box_policy
from clipzy_server.app.metrics import metrics_listener
from clipzy_server.app.parts import Store, open_store
from clipzy_server.app.settings import MIB, AuthMode, Settings
from clipzy_server.app.stopping import stop_signal
from clipzy_server.app.tracing import tracing
from clipzy_server.media.confinement import box_state
from clipzy_server.media.sandbox import Sandbox
from clipzy_server.media.sandbox_limits import Limits as SandboxLimits
from clipzy_server.media.spare_memory import settle
from clipzy_server.rest.services import rest_services
from clipzy_server.store.notices import Notices
from clipzy_server.transport.identity import Identity
from clipzy_server.transport.server import build_server
from clipzy_server.usecases.health import Health, HealthRules
from clipzy_server.usecases.jobs import Jobs
from clipzy_server.usecases.owners import Owners
from clipzy_server.usecases.quotas import Usages
from clipzy_server.usecases.rates import RequestRates
from clipzy_server.usecases.requests import Limits
from clipzy_server.usecases.resumable import ResumableUploads
from clipzy_server.usecases.styles import Styles
from clipzy_server.usecases.use_cases import UseCases
from clipzy_server.usecases.videos import Videos
from clipzy_server.usecases.webhooks import Webhooks

GRACE_S = 2.0
"""What running calls get at the end; downloads and watches that take longer are cut and can be resumed."""

PRELOADED = ("clipzy_server.media.probe",)


@dataclass(frozen=True, slots=True)
class _Running:
    """What the use cases share while the server runs."""

    sandbox: Sandbox
    notices: Notices
    rates: RequestRates


async def serve(settings: Settings, listen: str) -> None:
    """Answer calls on `unix:/path` or `host:port` until SIGTERM."""
    async with (
        open_store(settings) as store,
        stop_signal() as stopped,
        tracing(settings.otlp_endpoint, "serve") as tracer,
    ):
        sandbox, notices = Sandbox(PRELOADED, _probe_limits(settings), box_policy(settings)), Notices(store.database)
        rates = RequestRates(settings.quota_requests_per_minute)
        identity = Identity(Owners(store.database), rates, required=settings.auth is AuthMode.TOKEN)
        cases = _use_cases(settings, store, _Running(sandbox, notices, rates))
        services = [*api_services(cases), *rest_services(cases)]
        server = build_server(listen, services, identity, tracer, debug=settings.debug)
        # The template warms up beside the first calls: only a probe has to wait for it.
        warming = asyncio.create_task(sandbox.start())
        await notices.start()
        await server.start()
        settle()
        async with metrics_listener(settings.metrics_address, store, settings.worker_dead_seconds):
            await stopped.wait()
        await server.stop(GRACE_S)
        warming.cancel()
        await notices.close()
        await sandbox.close()


def _use_cases(settings: Settings, store: Store, running: _Running) -> UseCases:
    limits, database, blobs = _limits(settings), store.database, store.blobs
    return UseCases(
        health=Health(
            database,
            blobs,
            __version__,
            HealthRules(
                free_disk_reserve_bytes=limits.free_disk_reserve_bytes,
                alive_within_s=settings.worker_dead_seconds,
                sandbox=box_state(settings.sandbox).value,
            ),
        ),
        videos=Videos(database, blobs, running.sandbox, limits),
        uploads=ResumableUploads(database, blobs, running.sandbox, limits),
        jobs=Jobs(database, blobs, store.queue, running.notices, limits),
        styles=Styles(database, limits),
        usages=Usages(database, running.rates, limits),
        webhooks=Webhooks(database),
    )


def _limits(settings: Settings) -> Limits:
    return Limits(
        max_file_bytes=settings.max_file_bytes,
        free_disk_reserve_bytes=settings.free_disk_reserve_mb * MIB,
        probe_timeout_s=settings.probe_timeout_seconds,
        upload_ttl_s=settings.upload_ttl_seconds,
        allow_private_webhooks=settings.webhook_allow_private,
        quota_stored_bytes=settings.quota_stored_mb * MIB,
        quota_active_jobs=settings.quota_active_jobs,
    )


def _probe_limits(settings: Settings) -> SandboxLimits:
    return SandboxLimits(
        address_space_bytes=settings.probe_memory_mb * MIB,
        cpu_s=round(settings.probe_timeout_seconds),
    )

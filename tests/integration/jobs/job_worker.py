"""A worker process whose stages are the tests' own."""

import asyncio

import other_version  # noqa: F401

from clipzy_server.app.logs import configure_logs
from clipzy_server.app.settings import Settings
from clipzy_server.app.work import work
from clipzy_server.domain.job import Stage
from clipzy_server.jobs.steps import StagePolicy
from clipzy_server.media.sandbox_limits import Limits

if __name__ == "__main__":
    settings = Settings()
    configure_logs("INFO")
    policy = StagePolicy(
        tasks={stage: f"stage_tasks:{stage.value}" for stage in Stage},
        job_timeout_s=settings.processing_timeout_seconds,
        debug=settings.debug,
        room_pauses_s=(0.0, 0.0),
        limits=Limits(still_s=settings.stage_still_seconds),
    )
    asyncio.run(work(settings, policy, ("stage_tasks",)))

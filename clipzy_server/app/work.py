"""`clipzy work`: one worker process. The template of its stages warms up when the rest of it is loaded."""

import asyncio

from clipzy_server.app.boxes import box_policy
from clipzy_server.app.settings import Settings
from clipzy_server.app.stopping import stop_signal
from clipzy_server.app.worker import run_jobs
from clipzy_server.domain.job import Stage
from clipzy_server.jobs.steps import StagePolicy
from clipzy_server.media.sandbox import Sandbox

PRELOADED = (*(f"clipzy_server.stages.{stage.value}" for stage in Stage), "clipzy_server.stages.ready_made")


async def work(settings: Settings, policy: StagePolicy | None = None, preload: tuple[str, ...] = PRELOADED) -> None:
    """Run jobs until SIGTERM, then hand unfinished ones over."""
    sandbox = Sandbox(preload, policy=box_policy(settings))
    async with stop_signal() as stopped:
        # A job that comes at once waits for it.
        warming = asyncio.create_task(sandbox.start())
        await run_jobs(settings, sandbox, stopped, policy)
        warming.cancel()
        await sandbox.close()

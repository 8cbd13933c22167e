"""`clipzy work`: one worker process. The template of its stages warms up while the rest of it is still loaded."""
# ruff: noqa: PLC0415

import asyncio
from typing import TYPE_CHECKING

from clipzy_server.app.boxes import box_policy
from clipzy_server.app.settings import Settings
from clipzy_server.app.stopping import stop_signal
from clipzy_server.domain.job import Stage
from clipzy_server.media.sandbox import Sandbox

if TYPE_CHECKING:
    from clipzy_server.jobs.steps import StagePolicy

PRELOADED = (*(f"clipzy_server.stages.{stage.value}" for stage in Stage), "clipzy_server.stages.ready_made")


async def work(settings: Settings, policy: "StagePolicy | None" = None, preload: tuple[str, ...] = PRELOADED) -> None:
    """Run jobs until SIGTERM, then hand unfinished ones over."""
    sandbox = Sandbox(preload, policy=box_policy(settings))
    async with stop_signal() as stopped:
        from clipzy_server.app.worker import run_jobs

        # A job that comes at once waits for it.
        warming = asyncio.create_task(sandbox.start())
        await run_jobs(settings, sandbox, stopped, policy)
        warming.cancel()
        await sandbox.close()

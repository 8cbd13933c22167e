"""The workflow of a job: six steps, each recorded before the next begins.

Everything outside the steps may run again after a crash and therefore only makes guarded changes. The order of the
steps is part of what is recorded: raise `APPLICATION_VERSION` when it changes.
"""

from typing import Any

from dbos import DBOS

from clipzy_server.domain.codec import from_plain, to_plain
from clipzy_server.domain.job import Stage
from clipzy_server.jobs.record import StageRecord, StepOutcome
from clipzy_server.jobs.steps import Steps
from clipzy_server.store.queue import WORKFLOW_NAME


def register_workflow(steps: Steps, max_attempts: int) -> None:
    """Tell the engine of the workflow; once a process, before the launch.

    A job whose worker died `max_attempts` times is given up: its video may be what kills them.
    """

    async def process_job(job_id: str) -> None:
        await steps.begin(job_id)
        try:
            await run_stages(job_id)
        finally:
            # Also when the engine ends a cancelled job by an exception. A job that is handed over is active: it stays.
            await steps.tidy(job_id)

    async def run_stages(job_id: str) -> None:
        records: dict[Stage, StageRecord] = {}
        for stage in Stage:

            async def step(stage: Stage = stage) -> dict[str, Any]:
                plain: dict[str, Any] = to_plain(await steps.run(job_id, stage, records))
                return plain

            outcome = from_plain(StepOutcome, await DBOS.run_step_async({"name": stage.value}, step))
            if outcome.record is None:
                return
            records[stage] = outcome.record
            if outcome.is_last:
                break
        await steps.finish(job_id, records)

    DBOS.workflow(name=WORKFLOW_NAME, max_recovery_attempts=max_attempts)(process_job)

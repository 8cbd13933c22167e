"""The workflow of a job: six steps, each recorded before the next begins.

Everything outside the steps may run again after a crash and therefore only makes guarded changes. The order of the
steps is part of what is recorded: raise `APPLICATION_VERSION` when it changes. The parts of a long output are workflows
of their own, which any worker may take.
"""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from dbos import DBOS, SetWorkflowID, WorkflowHandleAsync

from clipzy_server.domain.codec import from_plain, to_plain
from clipzy_server.domain.job import Stage
from clipzy_server.jobs.record import StageRecord, StepOutcome
from clipzy_server.jobs.steps import Records, Steps, Work
from clipzy_server.store.queue import APPLICATION_VERSION, PART_WORKFLOW_NAME, PARTS_QUEUE_NAME, WORKFLOW_NAME

Parts = tuple[StageRecord, ...]
Handle = WorkflowHandleAsync[dict[str, Any]]
PartWorkflow = Callable[[str, int, dict[str, Any]], Coroutine[Any, Any, dict[str, Any]]]

_LOOKED_AT_EVERY_S = 0.5


def register_workflow(steps: Steps, max_attempts: int) -> None:
    """Tell the engine of the workflows; once a process, before the launch.

    A job whose worker died `max_attempts` times is given up: its video may be what kills them.
    """

    async def render_part(job_id: str, number: int, records: dict[str, Any]) -> dict[str, Any]:
        earlier = from_plain(dict[Stage, StageRecord], records)
        return await _run_step(steps, job_id, Work(Stage.RENDERING, earlier, part=number))

    part_workflow = DBOS.workflow(name=PART_WORKFLOW_NAME, max_recovery_attempts=max_attempts)(render_part)

    async def process_job(job_id: str) -> None:
        await steps.begin(job_id)
        try:
            await _run_stages(steps, job_id, part_workflow)
        finally:
            # Also when the engine ends a cancelled job by an exception. A job that is handed over is active: it stays.
            await steps.tidy(job_id)

    DBOS.workflow(name=WORKFLOW_NAME, max_recovery_attempts=max_attempts)(process_job)


async def _run_stages(steps: Steps, job_id: str, part_workflow: PartWorkflow) -> None:
    records: Records = {}
    for stage in Stage:
        parts: Parts = ()
        if stage is Stage.RENDERING and (count := records[Stage.STYLE_APPLICATION].parts) > 1:
            handles = [await _enqueue_part(job_id, number, records, part_workflow) for number in range(count)]
            parts = await _made(steps, job_id, handles)
            if not parts:
                return
        outcome = from_plain(StepOutcome, await _run_step(steps, job_id, Work(stage, records, parts=parts)))
        if outcome.record is None:
            return
        records = {**records, stage: outcome.record}
        if outcome.is_last:
            break
    await steps.finish(job_id, records)


async def _run_step(steps: Steps, job_id: str, work: Work) -> dict[str, Any]:
    async def step() -> dict[str, Any]:
        plain: dict[str, Any] = to_plain(await steps.run(job_id, work))
        return plain

    return await DBOS.run_step_async({"name": work.stage.value}, step)


async def _enqueue_part(job_id: str, number: int, records: Records, part_workflow: PartWorkflow) -> Handle:
    # What workers of another version began is not ours to join.
    with SetWorkflowID(f"{job_id}-{APPLICATION_VERSION}-{number}"):
        return await DBOS.enqueue_workflow_async(PARTS_QUEUE_NAME, part_workflow, job_id, number, to_plain(records))


async def _made(steps: Steps, job_id: str, handles: Sequence[Handle]) -> Parts:
    """The parts, once all of them are made; none when the job ended meanwhile."""
    parts: list[StageRecord] = []
    for handle in handles:
        outcome = from_plain(StepOutcome, await handle.get_result(polling_interval_sec=_LOOKED_AT_EVERY_S))
        if outcome.record is None:
            return ()
        parts.append(outcome.record)
        await steps.part_finished(job_id, len(parts) / len(handles))
    return tuple(parts)

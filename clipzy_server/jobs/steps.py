"""One stage of one job: bring its inputs here, run it in the sandbox, publish what it leaves.

Two attempts at a stage can run at once, when a worker was taken for dead too early. Each writes into a folder of its
own, `jobs/<job>/<stage>/<attempt>`; the result that the engine records first names the winner.
"""

import asyncio
import json
import logging
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from clipzy_server.domain.codec import from_plain, to_plain
from clipzy_server.domain.errors import ClipzyError, ErrorCode, StageFailed, Unavailable, anatomy
from clipzy_server.domain.job import PROGRESS_RANGE, Job, JobFailure, Stage
from clipzy_server.domain.style import StyleDna
from clipzy_server.domain.trace import Span, SpanKind, Tracer, Untraced
from clipzy_server.jobs.head_starts import AHEAD, HeadStarts
from clipzy_server.jobs.order import FOOTAGE, TEMPLATE, JobOrder, read_job, read_order
from clipzy_server.jobs.pace import paced
from clipzy_server.jobs.patience import insist
from clipzy_server.jobs.record import OUTPUTS_NAME, StageRecord, StepOutcome, describe_files
from clipzy_server.jobs.running import RunningJobs
from clipzy_server.jobs.wiring import NEEDS, READS_VIDEOS, Places, stage_inputs
from clipzy_server.media.confinement import View
from clipzy_server.media.sandbox import Progress, Sandbox
from clipzy_server.media.sandbox_limits import ChildDied, Limits
from clipzy_server.store.blobs import Blobs, no_room
from clipzy_server.store.database import Database
from clipzy_server.store.turns import serve_first
from clipzy_server.usecases.progress import JobProgress
from clipzy_server.usecases.tidying import Tidying

CHILD_ATTEMPTS = 3
"""A child that something outside killed is run again before the stage counts as failed."""

ROOM_PAUSES_S = (10.0, 30.0)
"""After each attempt that met a full disk, before the next: janitors, or people, may have made room."""

STYLE_NAME = "style.json"

PARTS_SHARE = 0.9
"""Of the time of rendering in parts: the pictures, each part checked where it was made. The rest joins them."""

_log = logging.getLogger("clipzy.jobs")

Records = Mapping[Stage, StageRecord]


@dataclass(frozen=True, slots=True)
class Work:
    """A stage, or of the last one a `part`; what earlier stages left, and `parts` made already, in order.

    Of a part, and of what is begun ahead of its turn, no progress is told: the job is not there yet.
    """

    stage: Stage
    earlier: Records
    part: int | None = None
    parts: tuple[StageRecord, ...] = ()
    is_ahead: bool = False

    @property
    def is_told(self) -> bool:
        """Whether its progress is the job's."""
        return self.part is None and not self.is_ahead

    @property
    def parts_s(self) -> float:
        """What the parts took, wherever they were made."""
        return sum(part.seconds for part in self.parts)

    @property
    def spent_s(self) -> float:
        """What was done before took, by clocks that only run: the time of day may jump between two stages."""
        return self.parts_s + sum(record.seconds for record in self.earlier.values())


def default_tasks() -> dict[Stage, str]:
    """Where each stage's function lies."""
    return {stage: f"clipzy_server.stages.{stage.value}:task" for stage in Stage}


@dataclass(frozen=True, slots=True)
class StagePolicy:
    """How stages are run: their functions, what each may use, how long a whole job may take.

    With `debug` the error of a job tells what only the log tells otherwise.
    """

    tasks: Mapping[Stage, str] = field(default_factory=default_tasks)
    limits: Limits = Limits()
    job_timeout_s: float = 3600.0
    beat_tracker: str = "madmom"
    blends_frames: bool = False
    debug: bool = False
    tracer: Tracer = Untraced()
    room_pauses_s: tuple[float, ...] = ROOM_PAUSES_S


class Steps:
    """The work behind the workflow's steps."""

    def __init__(
        self, database: Database, blobs: Blobs, sandbox: Sandbox, progress: JobProgress, policy: StagePolicy
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._sandbox = sandbox
        self._progress = progress
        self._tidying = Tidying(database, blobs)
        self._policy = policy
        self._head_starts = HeadStarts()
        self.running = RunningJobs()

    async def begin(self, job_id: str) -> None:
        """Mark the job as taken by a worker, the first or another one. Given back, it waits behind no other."""
        job, _ = await asyncio.gather(
            insist(lambda: self._progress.started(job_id)), insist(lambda: self._serve_first(job_id))
        )
        if job is not None and job.attempt == 1:
            with self._policy.tracer.span("queued", SpanKind.INTERNAL, job.traceparent, job.created_at) as span:
                span.attributes["clipzy.job_id"] = job_id

    async def run(self, job_id: str, work: Work) -> StepOutcome:
        """Do a piece of the job's work unless the job is over; a failure ends the job here and is not raised.

        Only a cancellation of the whole worker is raised, so that the step stays unrecorded and another worker does it.
        """
        task = asyncio.ensure_future(self._run(job_id, work))
        with self.running.hold(job_id, task):
            try:
                return await task
            except asyncio.CancelledError:
                await self._head_starts.drop(job_id)
                if self.running.was_stopped(job_id):
                    return StepOutcome(None)
                raise

    async def part_finished(self, job_id: str, share: float) -> None:
        """So much of the output's pictures, 0…1, is rendered in parts."""
        percent = 100 * PARTS_SHARE * share
        await insist(lambda: self._progress.advance(job_id, Stage.RENDERING, percent))

    async def finish(self, job_id: str, records: Records) -> None:
        """Publish what the job made. Nothing happens when it is over already."""
        if (await insist(lambda: read_job(self._database, job_id))).status.is_terminal:
            return
        artifacts = [artifact for record in records.values() for artifact in record.artifacts]
        output = next((artifact for artifact in artifacts if artifact.name == "output.mp4"), None)
        published = tuple(artifact for artifact in artifacts if artifact.name != OUTPUTS_NAME)
        fidelity = None
        if (rendering := records.get(Stage.RENDERING)) is not None:
            async with self._blobs.local_folder(rendering.folder) as folder:
                fidelity = json.loads((folder / OUTPUTS_NAME).read_bytes()).get("fidelity")
        await insist(lambda: self._progress.completed(job_id, output, published, fidelity))

    async def tidy(self, job_id: str) -> None:
        """Remove what an ended job did not publish; what cannot be done now, a janitor does."""
        await self._head_starts.drop(job_id)
        try:
            await self._tidying.tidy(job_id)
        except (ClipzyError, OSError) as error:
            _log.warning("job %s is not tidied yet: %s", job_id, anatomy(error))

    async def _serve_first(self, job_id: str) -> None:
        async with self._database.transaction() as connection:
            await serve_first(connection, job_id)

    async def _run(self, job_id: str, work: Work) -> StepOutcome:
        job = await insist(lambda: read_job(self._database, job_id))
        if job.status.is_terminal:
            return StepOutcome(None)
        with self._policy.tracer.span(work.stage.value, SpanKind.INTERNAL, job.traceparent) as span:
            span.attributes |= {"clipzy.job_id": job_id, "clipzy.attempt": job.attempt}
            return await self._run_or_fail(job, work, span)

    async def _run_or_fail(self, job: Job, work: Work, span: Span) -> StepOutcome:
        job_id, stage = job.job_id, work.stage
        try:
            order = await insist(lambda: read_order(self._database, job))
            self._begin_ahead(order, stage)
            record = await self._within_time(work.spent_s, self._find_room(order, work))
        except ClipzyError as error:
            failure = JobFailure(stage, _job_code(error, stage), self._told(error.message, error))
            _log.warning("job %s failed in %s: %s (%s)", job_id, stage.value, error.code, error.detail)
        except Exception as error:  # noqa: BLE001 - a job must end, whatever happens in it; the log has the trace
            _log.exception("job %s failed in %s", job_id, stage.value)
            message = self._told("The stage ended with an unexpected error.", error)
            failure = JobFailure(stage, ErrorCode.INTERNAL_ERROR, message)
        else:
            if await self._counts(job_id, work, record):
                return StepOutcome(record, is_last=stage is order.last_stage)
            # The job has ended meanwhile, and was perhaps tidied before these files came.
            await self._blobs.delete_prefix(record.folder)
            return StepOutcome(None)
        span.failure = failure.code
        await insist(lambda: self._progress.failed(job_id, failure))
        return StepOutcome(None)

    async def _counts(self, job_id: str, work: Work, record: StageRecord) -> bool:
        """Whether the job still wants what was made."""
        if work.part is not None:
            return not (await insist(lambda: read_job(self._database, job_id))).status.is_terminal
        return await insist(lambda: self._progress.stage_finished(job_id, work.stage, record.seconds + work.parts_s))

    def _told(self, message: str, error: Exception) -> str:
        return f"{message} ({anatomy(error)})" if self._policy.debug else message

    async def _within_time(self, spent_s: float, attempt: Awaitable[StageRecord]) -> StageRecord:
        scope = asyncio.timeout(max(0.0, self._policy.job_timeout_s - spent_s))
        try:
            async with scope:
                return await attempt
        except TimeoutError as error:
            if not scope.expired():
                raise
            message = f"The job took longer than {self._policy.job_timeout_s:g} s."
            raise StageFailed(ErrorCode.JOB_TIMEOUT, message) from error

    def _begin_ahead(self, order: JobOrder, stage: Stage) -> None:
        ahead = AHEAD.get(stage)
        if ahead is not None and _is_needed(ahead, order):
            self._head_starts.begin(order.job.job_id, ahead, self._attempt(order, Work(ahead, {}, is_ahead=True)))

    async def _find_room(self, order: JobOrder, work: Work) -> StageRecord:
        """Attempt the stage, unless it was begun already; where the disk was full, again after a while."""
        for pause_s in (*self._policy.room_pauses_s, None):
            try:
                begun = self._head_starts.take(order.job.job_id, work.stage)
                return await (begun or self._attempt(order, work))
            except (OSError, Unavailable) as error:
                failure = no_room(error) if isinstance(error, OSError) else error
                if not (isinstance(failure, Unavailable) and failure.code is ErrorCode.INSUFFICIENT_STORAGE):
                    raise
                if pause_s is None:
                    message = "The server's disk is full. Retry the job when there is room."
                    raise StageFailed(ErrorCode.INSUFFICIENT_STORAGE, message, failure.detail) from error
                _log.warning("job %s waits %g s for room on the disk", order.job.job_id, pause_s)
            await asyncio.sleep(pause_s)
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _attempt(self, order: JobOrder, work: Work) -> StageRecord:
        begun_s = time.monotonic()
        job, stage = order.job, work.stage
        key = f"jobs/{job.job_id}/{stage.value}/{uuid4().hex}"
        async with self._places(order, work) as places, self._blobs.workspace(key) as folder:
            if stage is Stage.STYLE_EXTRACTION and order.style is not None:
                outputs = {"style": to_plain(order.style)}
            else:
                inputs = stage_inputs(stage, order, places) if _is_needed(stage, order) else None
                view = View(places.paths, (str(folder),))
                outputs = await self._call(job, work, inputs, view)
            _write_json(folder / OUTPUTS_NAME, outputs)
            if stage is Stage.STYLE_EXTRACTION and not (folder / STYLE_NAME).exists():
                _write_json(folder / STYLE_NAME, outputs["style"])
            artifacts = await asyncio.to_thread(describe_files, folder, key)
        if stage is Stage.STYLE_EXTRACTION:
            style = from_plain(StyleDna, outputs["style"])
            await insist(lambda: self._progress.style_ready(job.job_id, style))
        return StageRecord(key, artifacts, round(time.monotonic() - begun_s, 3), outputs.get("parts", 1))

    async def _call(self, job: Job, work: Work, inputs: dict[str, Any] | None, view: View) -> dict[str, Any]:
        """The stage's outputs, made in the one folder it may write into; an empty value when there is nothing to do."""
        if inputs is None:
            return {}
        stage, done = work.stage, PARTS_SHARE if work.parts else 0.0
        if not work.is_told:
            return await self._survive(self._policy.tasks[stage], inputs, view, lambda _: None)

        async def write(share: float) -> None:
            share = done + (1 - done) * share
            await self._progress.advance(job.job_id, stage, round(100 * share), _eta_s(job, stage, share))

        async with paced(write) as report:
            report(0.0)
            return await self._survive(self._policy.tasks[stage], inputs, view, report)

    async def _survive(self, function: str, inputs: dict[str, Any], view: View, report: Progress) -> dict[str, Any]:
        (folder,) = view.writes
        payload = {"inputs": inputs, "folder": folder}
        for attempt in range(1, CHILD_ATTEMPTS + 1):
            try:
                return await self._sandbox.run(function, payload, report, self._policy.limits, view)
            except ChildDied as death:
                if not death.by_chance or attempt == CHILD_ATTEMPTS:
                    raise
                _log.warning("%s, attempt %d", death.detail, attempt)
                await asyncio.to_thread(_empty, Path(folder))
        raise AssertionError("unreachable: the last attempt returns or raises")

    @asynccontextmanager
    async def _places(self, order: JobOrder, work: Work) -> AsyncIterator[Places]:
        async with AsyncExitStack() as stack:
            places = Places({}, {}, self._policy.beat_tracker, self._policy.blends_frames, work.part)
            videos = {FOOTAGE: order.footage, TEMPLATE: order.template}
            for role in READS_VIDEOS.get(work.stage, ()):
                if (video := videos[role]) is not None:
                    places.videos[role] = await stack.enter_async_context(self._blobs.local(video.blob_key))
            for need in NEEDS[work.stage]:
                folder = work.earlier[need].folder
                places.folders[need] = await stack.enter_async_context(self._blobs.local_folder(folder))
            for part in work.parts:
                places.parts.append(await stack.enter_async_context(self._blobs.local_folder(part.folder)))
            yield places


def _is_needed(stage: Stage, order: JobOrder) -> bool:
    """Nothing is measured when a given style is only to be handed back."""
    measures = stage in (Stage.VIDEO_ANALYSIS, Stage.AUDIO_ANALYSIS, Stage.MOTION_ANALYSIS)
    return not measures or bool(order.analysed)


def _job_code(error: ClipzyError, stage: Stage) -> str:
    """Codes of jobs are few: what a probe would have said of a file is CORRUPT_VIDEO here, and so is a dead decoder."""
    if isinstance(error, ChildDied) and error.code is ErrorCode.INTERNAL_ERROR and stage in READS_VIDEOS:
        return ErrorCode.CORRUPT_VIDEO.value
    if isinstance(error, StageFailed) or error.code is ErrorCode.CORRUPT_VIDEO:
        return error.code.value
    if error.code in (ErrorCode.NO_VIDEO_STREAM, ErrorCode.UNSUPPORTED_FORMAT, ErrorCode.LIMIT_EXCEEDED):
        return ErrorCode.CORRUPT_VIDEO.value
    return ErrorCode.INTERNAL_ERROR.value


def _eta_s(job: Job, stage: Stage, share: float) -> float | None:
    """Seconds to go when the rest runs as fast as the job ran so far; None at the very beginning."""
    low, high = PROGRESS_RANGE[stage]
    done = (low + share * (high - low)) / 100
    if job.started_at is None or done < 0.05:
        return None
    spent_s = (datetime.now(UTC) - job.started_at).total_seconds()
    return round(spent_s * (1 - done) / done, 1)


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False))


def _empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()

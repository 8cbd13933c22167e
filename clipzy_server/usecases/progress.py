"""How a job's state changes while workers run it. The only writer of job rows besides create and cancel.

Every change is guarded by the state it may come from, so a worker that was thought dead, a cancellation and a deadline
may race: one of them ends the job, the others change nothing and are told so.
"""

from collections.abc import Mapping
from typing import Any

from clipzy_server.domain import codec
from clipzy_server.domain.job import Artifact, Job, JobFailure, JobStatus, Stage
from clipzy_server.domain.style import StyleDna
from clipzy_server.store import jobs
from clipzy_server.store.blobs import Blobs
from clipzy_server.store.database import Database
from clipzy_server.usecases.progress_scale import progress_percent

_ACTIVE = (JobStatus.QUEUED, JobStatus.PROCESSING)
_PROCESSING = (JobStatus.PROCESSING,)


class JobProgress:
    """Each method answers whether the job was still active, that is, whether anything changed; `started` by the job."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    async def started(self, job_id: str) -> Job | None:
        """A worker took the job, the first or the next one; progress already made is kept. None: it has ended."""
        return await self._go_on(job_id, _ACTIVE, jobs.started())

    async def advance(self, job_id: str, stage: Stage, stage_percent: float, eta_s: float | None = None) -> bool:
        """The stage is at `stage_percent` (0…100); what was published already never goes back."""
        percent = progress_percent(stage, stage_percent)
        shown = int(min(max(stage_percent, 0.0), 100.0))
        return await self._go_on(job_id, _PROCESSING, jobs.advanced(stage, shown, percent, eta_s)) is not None

    async def stage_finished(self, job_id: str, stage: Stage, seconds: float) -> bool:
        """The stage is done; it took `seconds` of wall time."""
        changes = jobs.advanced(stage, 100, progress_percent(stage, 100.0), None)
        async with self._database.transaction() as connection:
            job = await jobs.change_job(connection, job_id, _PROCESSING, changes)
            if job is not None:
                await jobs.set_stage_seconds(connection, job_id, stage, seconds)
        return job is not None

    async def style_ready(self, job_id: str, style: StyleDna) -> bool:
        """The Style DNA is there; callers may read it when the job ends, in whatever way."""
        async with self._database.transaction() as connection:
            job = await jobs.change_job(connection, job_id, _PROCESSING, {})
            if job is not None:
                await jobs.set_result(connection, job_id, style=codec.to_plain(style))
        return job is not None

    async def completed(
        self,
        job_id: str,
        output: Artifact | None,
        artifacts: tuple[Artifact, ...],
        fidelity: Mapping[str, Any] | None = None,
    ) -> bool:
        """The job is done. `output` is None after an extraction; `fidelity`: `DimensionFidelity`s, plain or not."""
        entries = artifacts if output is None or output in artifacts else (output, *artifacts)
        async with self._database.transaction() as connection:
            changes = jobs.ended(JobStatus.COMPLETED)
            job = await jobs.change_job(connection, job_id, _PROCESSING, changes)
            if job is not None:
                await jobs.set_result(
                    connection,
                    job_id,
                    output_video_url=self._output_url(job, output) if output else None,
                    artifacts=codec.to_plain(entries),
                    fidelity=codec.to_plain(dict(fidelity)) if fidelity is not None else None,
                )
        return job is not None

    async def failed(self, job_id: str, failure: JobFailure) -> bool:
        """The job ended without a result."""
        return await self._end(job_id, _ACTIVE, jobs.ended(JobStatus.FAILED, failure)) is not None

    async def cancelled(self, job_id: str) -> bool:
        """The job was called off."""
        return await self._end(job_id, _ACTIVE, jobs.ended(JobStatus.CANCELLED)) is not None

    async def _go_on(self, job_id: str, allowed: tuple[JobStatus, ...], changes: dict[str, Any]) -> Job | None:
        async with self._database.reading() as connection:
            return await jobs.change_job(connection, job_id, allowed, changes)

    async def _end(self, job_id: str, allowed: tuple[JobStatus, ...], changes: dict[str, Any]) -> Job | None:
        # With what is to be delivered of it.
        async with self._database.transaction() as connection:
            return await jobs.change_job(connection, job_id, allowed, changes)

    def _output_url(self, job: Job, output: Artifact) -> str:
        # Locally the URL is a published form, not a path: attempts have folders of their own.
        return self._blobs.url(f"{job.job_id}/{output.name}" if self._blobs.is_local else output.blob_key)

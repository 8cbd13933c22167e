"""Jobs: create, look up, watch, cancel, retry, and what they made."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain.errors import Conflict, ErrorCode, NotFound
from clipzy_server.domain.ids import new_id
from clipzy_server.domain.job import Artifact, Job, JobResult, JobStatus
from clipzy_server.domain.owner import Owner
from clipzy_server.domain.page import Page, PageRequest
from clipzy_server.domain.trace import current_traceparent
from clipzy_server.domain.video import Video
from clipzy_server.store import jobs, styles, videos
from clipzy_server.store.blobs import Blobs
from clipzy_server.store.database import Database
from clipzy_server.store.notices import Notices
from clipzy_server.usecases.estimates import estimate_seconds
from clipzy_server.usecases.files import StoredFile, stored_file
from clipzy_server.usecases.idempotent import Once, create_once
from clipzy_server.usecases.intake import video_not_found
from clipzy_server.usecases.job_rules import check_job
from clipzy_server.usecases.quotas import check_jobs
from clipzy_server.usecases.requests import Estimate, Limits, NewJob
from clipzy_server.usecases.styles import style_not_found
from clipzy_server.usecases.webhook_rules import check_webhook_url

__all__ = ["Jobs", "Queue", "StoredFile"]

OUTPUT = "output.mp4"
_log = structlog.get_logger("clipzy.jobs")
_ACTIVE = (JobStatus.QUEUED, JobStatus.PROCESSING)


class Queue(Protocol):
    """Where jobs wait for workers: `store.queue.JobQueue`, or a recording one in tests of the rules alone."""

    async def enqueue(self, connection: AsyncConnection, job: Job) -> None:
        """Queue the job when, and only when, the connection's transaction commits."""
        ...

    async def withdraw(self, connection: AsyncConnection, job: Job) -> None:
        """Before its row is ended: close the gap that a waiting job leaves, when the transaction commits."""
        ...

    async def cancel(self, job_id: str) -> None:
        """Take the job out, or have its worker stop."""
        ...


class Jobs:
    """What one may do with jobs. Unknown and other people's ids answer the same: JOB_NOT_FOUND."""

    def __init__(self, database: Database, blobs: Blobs, queue: Queue, notices: Notices, limits: Limits) -> None:
        self._database = database
        self._blobs = blobs
        self._queue = queue
        self._notices = notices
        self._limits = limits

    async def create(self, owner: Owner, asked: NewJob, idempotency_key: str | None = None) -> Job:
        """Queue a job.

        Raises Invalid for settings out of range, NotFound for unknown videos and styles, Conflict
        (JOB_ALREADY_PROCESSING) while the video has an active job, Exhausted (QUOTA_EXCEEDED).
        """
        self._check(asked)
        once = Once(owner.owner_id, "create_job", idempotency_key, asked, self._limits.idempotency_ttl_s)
        job = await create_once(self._database, once, Job, partial(self._insert, owner, asked))
        _log.info("queued", job_id=job.job_id)
        return job

    async def estimate(self, owner: Owner, asked: NewJob) -> Estimate:
        """Check everything `create` checks and say how long it would take; raises what `create` raises."""
        self._check(asked)
        async with self._database.transaction() as connection:
            footage, job = await self._prepare(connection, owner, asked)
            if await jobs.is_active(connection, footage.video_id):
                raise _already_processing(footage.video_id)
            await check_jobs(connection, owner.owner_id, self._limits, added=1)
            template = None
            if job.template_video_id is not None:
                template = await videos.find_video(self._database, owner.owner_id, job.template_video_id)
            return await estimate_seconds(connection, footage, template, job.config)

    async def get(self, owner: Owner, job_id: str) -> Job:
        """The job; raises NotFound."""
        job = await jobs.find_job(self._database, owner.owner_id, job_id)
        if job is None:
            raise job_not_found(job_id)
        return job

    async def list(self, owner: Owner, page: PageRequest, status: JobStatus | None = None) -> Page[Job]:
        """A page of the owner's jobs, newest first."""
        return await jobs.list_jobs(self._database, owner.owner_id, page, status)

    async def result(self, owner: Owner, job_id: str) -> JobResult:
        """What the job made; raises NotFound, Conflict (RESULT_NOT_READY) while it is active.

        After failure or cancellation there is no output, but a style where one had been extracted.
        """
        result = await self._find_result(owner, job_id)
        if not result.job.status.is_terminal:
            raise _not_ready(result.job)
        return result

    async def cancel(self, owner: Owner, job_id: str) -> Job:
        """End the job as cancelled; raises NotFound, Conflict (JOB_ALREADY_FINISHED).

        The row decides: once this returns, the job stays cancelled, whatever dies. Telling the queue only saves work.
        """
        active = await self.get(owner, job_id)
        async with self._database.transaction() as connection:
            await self._queue.withdraw(connection, active)
            job = await jobs.change_job(connection, job_id, _ACTIVE, jobs.ended(JobStatus.CANCELLED))
        if job is None:
            raise Conflict(ErrorCode.JOB_ALREADY_FINISHED, "Job already finished", f"{job_id} has ended before.")
        await self._queue.cancel(job_id)
        return job

    async def retry(self, owner: Owner, job_id: str, idempotency_key: str | None = None) -> Job:
        """A new job with the same inputs; raises as `create` does, and Conflict while the job itself is active."""
        old = await self.get(owner, job_id)
        if not old.status.is_terminal:
            raise _already_processing(old.video_id)
        asked = NewJob(old.video_id, old.template_video_id, old.webhook_url, old.config)
        once = Once(owner.owner_id, "retry_job", idempotency_key, job_id, self._limits.idempotency_ttl_s)
        job = await create_once(self._database, once, Job, partial(self._insert, owner, asked))
        _log.info("queued", job_id=job.job_id, again=job_id)
        return job

    async def watch(self, owner: Owner, job_id: str) -> AsyncGenerator[Job, None]:
        """The job as it is, then each newer state, newest wins; ends after the terminal one. Raises NotFound."""
        job = await self.get(owner, job_id)
        async with aclosing(self._notices.watch(job)) as states:
            async for state in states:
                yield state

    async def output(self, owner: Owner, job_id: str) -> StoredFile:
        """The rendered video; raises NotFound, Conflict (RESULT_NOT_READY) while the job is active."""
        return await self.artifact(owner, job_id, OUTPUT)

    async def artifact(self, owner: Owner, job_id: str, name: str) -> StoredFile:
        """A file the job made, by its public name; raises as `output` does."""
        result = await self._find_result(owner, job_id)
        found = _artifact(result, name)
        if found is not None:
            return stored_file(self._blobs, found)
        if not result.job.status.is_terminal:
            raise _not_ready(result.job)
        raise NotFound(ErrorCode.ARTIFACT_NOT_FOUND, "Artifact not found", f"{job_id} has no {name}.")

    def _check(self, asked: NewJob) -> None:
        check_job(asked)
        if asked.webhook_url is not None:
            check_webhook_url(asked.webhook_url, allow_private=self._limits.allow_private_webhooks)

    async def _find_result(self, owner: Owner, job_id: str) -> JobResult:
        result = await jobs.find_result(self._database, owner.owner_id, job_id)
        if result is None:
            raise job_not_found(job_id)
        return result

    async def _insert(self, owner: Owner, asked: NewJob, connection: AsyncConnection) -> Job:
        _, job = await self._prepare(connection, owner, asked)
        if not await jobs.insert_job(connection, job):
            raise _already_processing(job.video_id)
        await check_jobs(connection, owner.owner_id, self._limits)
        await self._queue.enqueue(connection, job)
        return job

    async def _prepare(self, connection: AsyncConnection, owner: Owner, asked: NewJob) -> tuple[Video, Job]:
        """The footage and the job as it would be queued: defaults of the upload put in, a saved style copied."""
        footage = await _hold(connection, owner, asked.video_id)
        config, template_video_id = asked.config, asked.template_video_id
        if config.style_id is not None:
            saved = await styles.find_style(self._database, owner.owner_id, config.style_id)
            if saved is None:
                raise style_not_found(config.style_id)
            # The job must not depend on the saved style's staying.
            config = replace(config, style_id=None, style_json=saved.style)
        if template_video_id is None and config.style_json is None:
            template_video_id = footage.template_video_id
        if template_video_id is not None:
            await _hold(connection, owner, template_video_id)
        now = datetime.now(UTC)
        job = Job(
            job_id=new_id("job"),
            owner_id=owner.owner_id,
            video_id=footage.video_id,
            status=JobStatus.QUEUED,
            progress_percent=0,
            current_stage=None,
            created_at=now,
            updated_at=now,
            config=config,
            template_video_id=template_video_id,
            webhook_url=asked.webhook_url or footage.webhook_url,
            traceparent=current_traceparent.get(),
        )
        return footage, job


async def _hold(connection: AsyncConnection, owner: Owner, video_id: str) -> Video:
    video = await videos.hold_video(connection, owner.owner_id, video_id)
    if video is None:
        raise video_not_found(video_id)
    return video


def _artifact(result: JobResult, name: str) -> Artifact | None:
    return next((artifact for artifact in result.artifacts if artifact.name == name), None)


def job_not_found(job_id: str) -> NotFound:
    """Unknown, or somebody else's."""
    return NotFound(ErrorCode.JOB_NOT_FOUND, "Job not found", f"There is no job {job_id}.")


def _not_ready(job: Job) -> Conflict:
    return Conflict(ErrorCode.RESULT_NOT_READY, "Result not ready", f"{job.job_id} is {job.status.value}.")


def _already_processing(video_id: str) -> Conflict:
    detail = f"{video_id} has an active job."
    return Conflict(ErrorCode.JOB_ALREADY_PROCESSING, "Job already processing", detail)

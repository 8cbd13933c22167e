"""Jobs: what one may do with them, and with what they made."""

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import grpc

from clipzy.v1 import job_pb2, job_service_pb2_grpc
from clipzy.v1 import job_service_pb2 as wire
from clipzy_client.sync.calls import Calls, Lifeline
from clipzy_client.sync.downloads import Download
from clipzy_client.connection import may_repeat
from clipzy_client.convert import config_to, estimate_from, job_from, result_from, style_from
from clipzy_client.errors import JobCancelled, error_for, job_failure
from clipzy_client.plain import number_of
from clipzy_client.refusals import from_rpc
from clipzy_client.style import StyleDna
from clipzy_client.types import Estimate, JobConfig, JobState, JobStatus, Page, Progress, ResultState

OUTPUT = "output.mp4"

_ENDED_EARLY = error_for("UNAVAILABLE", "The server ended the answer", "before the job had ended")


@dataclass(frozen=True)
class Job(JobState):
    """A job as it stood when it was told, and what can be done with it."""

    _jobs: "Jobs" = field(repr=False, compare=False, kw_only=True)

    def refresh(self) -> "Job":
        """The job as it stands now."""
        return self._jobs.get(self.job_id)

    def watch(self, timeout_s: float | None = None) -> Iterator["Job"]:
        """As `jobs.watch`."""
        return self._jobs.watch(self.job_id, timeout_s)

    def wait(
        self, on_progress: Callable[["Job"], None] | None = None, timeout_s: float | None = None
    ) -> "JobResult":
        """As `jobs.wait`."""
        return self._jobs.wait(self.job_id, on_progress, timeout_s)

    def result(self) -> "JobResult":
        """What the job made, however it ended; ResultNotReady before."""
        return self._jobs.result(self.job_id)

    def cancel(self) -> "Job":
        """Cancels it; JobAlreadyFinished."""
        return self._jobs.cancel(self.job_id)

    def retry(self) -> "Job":
        """A new job with the same inputs."""
        return self._jobs.retry(self.job_id)


@dataclass(frozen=True)
class ExtractedStyle(StyleDna):
    """The style that a job has extracted."""

    _job_id: str = field(default="", repr=False, compare=False, kw_only=True)
    _jobs: "Jobs" = field(repr=False, compare=False, kw_only=True)

    def save_cube(self, path: Path | str) -> Path:
        """The 3D LUT that gave this style to the job's footage, as a .cube file; ArtifactNotFound without one."""
        return self._jobs.save(self._job_id, path, "grade.cube")


@dataclass(frozen=True)
class JobResult(ResultState):
    """An ended job and everything it made; `style` is None where it came to none."""

    job: Job = field(kw_only=True)
    style: ExtractedStyle | None = field(kw_only=True)
    _jobs: "Jobs" = field(repr=False, compare=False, kw_only=True)

    def save(self, path: Path | str, artifact: str = OUTPUT, *, progress: Progress | None = None) -> Path:
        """The rendered video, or another of `artifacts`, into a file; ArtifactNotFound."""
        return self._jobs.save(self.job.job_id, path, artifact, progress=progress)


class Jobs:
    """What one may do with jobs."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._stub = job_service_pb2_grpc.JobServiceStub(calls.channel)  # type: ignore[no-untyped-call]

    def create(
        self,
        video_id: str,
        *,
        template_video_id: str | None = None,
        config: JobConfig | None = None,
        webhook_url: str | None = None,
        request_id: str = "",
    ) -> Job:
        """Queues a job.

        The same `request_id` with the same inputs gives the first answer again for a day; without one each call has its
        own, so that its tries make one job.
        """
        request = wire.CreateJobRequest(
            video_id=video_id,
            template_video_id=template_video_id,
            webhook_url=webhook_url,
            config=config_to(config) if config else None,
            request_id=request_id or secrets.token_hex(16),
        )
        return self._job((self._calls.answer(self._stub.CreateJob, request)).job)

    def estimate(
        self, video_id: str, *, template_video_id: str | None = None, config: JobConfig | None = None
    ) -> Estimate:
        """Checks everything and estimates the time; queues nothing."""
        settings = config_to(config or JobConfig())
        settings.dry_run = True
        request = wire.CreateJobRequest(video_id=video_id, template_video_id=template_video_id, config=settings)
        return estimate_from((self._calls.answer(self._stub.CreateJob, request)).estimate)

    def get(self, job_id: str) -> Job:
        """The job as it stands; JobNotFound."""
        return self._job((self._calls.answer(self._stub.GetJob, wire.GetJobRequest(job_id=job_id))).job)

    def page(self, page: int = 1, page_size: int = 10, status: JobStatus | None = None) -> Page[Job]:
        """One page of jobs, newest first."""
        request = wire.ListJobsRequest(page=page, page_size=page_size)
        if status is not None:
            request.status = number_of(job_pb2.JobStatus.DESCRIPTOR, status)  # type: ignore[assignment]
        answer = self._calls.answer(self._stub.ListJobs, request)
        return Page(tuple(map(self._job, answer.jobs)), answer.total, answer.page, answer.page_size)

    def list(self, status: JobStatus | None = None) -> Iterator[Job]:
        """All jobs, newest first."""

        def page_of(page: int, page_size: int) -> Page[Job]:
            return self.page(page, page_size, status)

        return self._calls.every(page_of, lambda job: job.job_id)

    def cancel(self, job_id: str) -> Job:
        """Cancels a job that is queued or processing; JobAlreadyFinished."""
        request = wire.CancelJobRequest(job_id=job_id)
        return self._job((self._calls.answer(self._stub.CancelJob, request, repeatable=False)).job)

    def retry(self, job_id: str, request_id: str = "") -> Job:
        """A new job with the inputs of an ended one; JobAlreadyProcessing."""
        request = wire.RetryJobRequest(job_id=job_id, request_id=request_id or secrets.token_hex(16))
        return self._job((self._calls.answer(self._stub.RetryJob, request)).job)

    def watch(self, job_id: str, timeout_s: float | None = None) -> Iterator[Job]:
        """The job now, then at every change, until it has ended. A lost connection is taken up again.

        Raises DeadlineExceeded after `timeout_s`; the job goes on.
        """
        ends_s = None if timeout_s is None else time.monotonic() + timeout_s
        line = Lifeline(self._calls.patience)
        last: Job | None = None
        while last is None or not last.status.is_terminal:
            left_s = None if ends_s is None else ends_s - time.monotonic()
            answers = self._stub.WatchJob(
                wire.WatchJobRequest(job_id=job_id), metadata=self._calls.metadata, timeout=left_s
            )
            try:
                for answer in answers:
                    line.came_further()
                    job = self._job(answer.job)
                    if job != last:
                        last = job
                        yield job
                error = _ENDED_EARLY
            except grpc.RpcError as failed:
                error = from_rpc(failed)
                if not may_repeat(error, repeatable=True):
                    raise error from failed
            finally:
                answers.cancel()
            if last is None or not last.status.is_terminal:
                line.broke(error)

    def wait(
        self, job_id: str, on_progress: Callable[[Job], None] | None = None, timeout_s: float | None = None
    ) -> "JobResult":
        """Waits until the job is done; gives its result.

        Raises JobFailed or JobCancelled where it ended otherwise, DeadlineExceeded after `timeout_s`; the job goes on.
        """
        for job in self.watch(job_id, timeout_s):
            if on_progress:
                on_progress(job)
        result = self.result(job_id)
        if result.job.status is JobStatus.CANCELLED:
            raise JobCancelled("JOB_CANCELLED", "The job was cancelled", job_id)
        if failure := result.job.error:
            raise job_failure(failure.code, failure.message, failure.stage)
        return result

    def result(self, job_id: str) -> JobResult:
        """What an ended job made, however it ended; ResultNotReady before."""
        message = (self._calls.answer(self._stub.GetJobResult, wire.GetJobResultRequest(job_id=job_id))).result
        style = None
        if message.HasField("style"):
            style = ExtractedStyle(**_parts(style_from(message.style)), _job_id=job_id, _jobs=self)
        made = _parts(result_from(message))
        return JobResult(**made, job=self._job(message.job), style=style, _jobs=self)

    def save(
        self, job_id: str, path: Path | str, artifact: str = OUTPUT, *, progress: Progress | None = None
    ) -> Path:
        """The rendered video, or another artifact, into a file; the file appears when it is whole.

        A lost connection is taken up again. `progress` is called with bytes done and bytes in all.
        """

        def output_at(offset: int) -> Any:
            return wire.DownloadOutputRequest(job_id=job_id, offset_bytes=offset)

        def artifact_at(offset: int) -> Any:
            return wire.DownloadArtifactRequest(job_id=job_id, name=artifact, offset_bytes=offset)

        if artifact == OUTPUT:
            return Download(self._calls, self._stub.DownloadOutput, output_at, progress).into(Path(path))
        return Download(self._calls, self._stub.DownloadArtifact, artifact_at, progress).into(Path(path))

    def _job(self, message: job_pb2.Job) -> Job:
        return Job(**_parts(job_from(message)), _jobs=self)


def _parts(value: Any) -> dict[str, Any]:
    """The fields of a dataclass, not copied."""
    return {each.name: getattr(value, each.name) for each in fields(value)}

"""The asynchronous client: one channel, one token, plain values in and out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import grpc

from clipzy.v1 import (
    job_service_pb2,
    job_service_pb2_grpc,
    usage_service_pb2,
    usage_service_pb2_grpc,
    video_service_pb2,
    video_service_pb2_grpc,
    webhook_service_pb2,
    webhook_service_pb2_grpc,
)
from clipzy_client.convert import config_to, delivery_from, job_from, result_from, usage_from, video_from
from clipzy_client.errors import from_rpc
from clipzy_client.plain import number_of
from clipzy_client.types import Delivery, DeliveryPage, Job, JobConfig, JobPage, JobResult, JobStatus, Usage, Video
from clipzy_client.uploads import Progress, ResumableUpload, UploadCall

RESUMABLE_BYTES = 16 << 20
"""Larger files are uploaded so that they can go on after a break."""

RECONNECT_S = 0.5


@contextmanager
def _own_errors() -> Iterator[None]:
    try:
        yield
    except grpc.aio.AioRpcError as error:
        raise from_rpc(error) from error


class AsyncClipzy:
    """Use as `async with AsyncClipzy("127.0.0.1:8000", token) as clipzy:`. Every call may raise `ClipzyError`."""

    def __init__(self, target: str, token: str | None = None, *, tls: bool = False) -> None:
        secure = grpc.ssl_channel_credentials() if tls else None
        options = [("grpc.max_receive_message_length", 64 << 20)]
        self._channel = (
            grpc.aio.secure_channel(target, secure, options) if secure else grpc.aio.insecure_channel(target, options)
        )
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()
        self._videos = video_service_pb2_grpc.VideoServiceStub(self._channel)  # type: ignore[no-untyped-call]
        self._usages = usage_service_pb2_grpc.UsageServiceStub(self._channel)  # type: ignore[no-untyped-call]
        self._jobs = job_service_pb2_grpc.JobServiceStub(self._channel)  # type: ignore[no-untyped-call]
        self._webhooks = webhook_service_pb2_grpc.WebhookServiceStub(self._channel)  # type: ignore[no-untyped-call]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the channel; calls under way end."""
        await self._channel.close(None)

    async def upload(
        self,
        path: Path | str,
        *,
        template_video_id: str | None = None,
        webhook_url: str | None = None,
        on_progress: Progress | None = None,
        resumable: bool | None = None,
        resume_key: str = "",
    ) -> Video:
        """Uploads a file in chunks; memory does not grow with it.

        `resumable`, by itself for files over 16 MiB, goes on after a lost connection. With a `resume_key` it also goes
        on with what an earlier call of the same key and arguments, up to a day ago, has left unfinished.
        """
        path = Path(path)
        header = video_service_pb2.UploadVideoHeader(
            filename=path.name,
            size_bytes=path.stat().st_size,
            template_video_id=template_video_id,
            webhook_url=webhook_url,
        )
        call = UploadCall(self._videos, self._metadata, path, on_progress)
        with _own_errors():
            if header.size_bytes > RESUMABLE_BYTES if resumable is None else resumable:
                return video_from(await ResumableUpload(call, header, resume_key).run())
            return video_from(await call.send(header))

    async def create_job(
        self,
        video_id: str,
        *,
        template_video_id: str | None = None,
        webhook_url: str | None = None,
        config: JobConfig | None = None,
        request_id: str = "",
    ) -> Job:
        """Queues a job. The same `request_id` with the same inputs gives the first answer again for a day."""
        request = job_service_pb2.CreateJobRequest(
            video_id=video_id,
            template_video_id=template_video_id,
            webhook_url=webhook_url,
            config=config_to(config) if config else None,
            request_id=request_id,
        )
        with _own_errors():
            answer = await self._jobs.CreateJob(request, metadata=self._metadata)
        return job_from(answer.job)

    async def usage(self) -> Usage:
        """The owner's quotas, and what is used of them."""
        with _own_errors():
            answer = await self._usages.GetUsage(usage_service_pb2.GetUsageRequest(), metadata=self._metadata)
        return usage_from(answer.usage)

    async def get_job(self, job_id: str) -> Job:
        """The job as it stands."""
        with _own_errors():
            answer = await self._jobs.GetJob(job_service_pb2.GetJobRequest(job_id=job_id), metadata=self._metadata)
        return job_from(answer.job)

    async def list_jobs(self, page: int = 1, page_size: int = 10, status: JobStatus | None = None) -> JobPage:
        """A page of jobs, newest first."""
        request = job_service_pb2.ListJobsRequest(page=page, page_size=page_size)
        if status is not None:
            request.status = number_of(request.DESCRIPTOR.fields_by_name["status"].enum_type, status)  # type: ignore[assignment]
        with _own_errors():
            answer = await self._jobs.ListJobs(request, metadata=self._metadata)
        return JobPage(tuple(map(job_from, answer.jobs)), answer.total, answer.page, answer.page_size)

    async def cancel(self, job_id: str) -> Job:
        """Cancels a job that is queued or processing."""
        with _own_errors():
            answer = await self._jobs.CancelJob(
                job_service_pb2.CancelJobRequest(job_id=job_id), metadata=self._metadata
            )
        return job_from(answer.job)

    async def result(self, job_id: str) -> JobResult:
        """Everything a finished job made; `RESULT_NOT_READY` before."""
        request = job_service_pb2.GetJobResultRequest(job_id=job_id)
        with _own_errors():
            answer = await self._jobs.GetJobResult(request, metadata=self._metadata)
        return result_from(answer.result)

    async def watch(self, job_id: str) -> AsyncIterator[Job]:
        """The job now, then at every change, until it has ended. A lost connection is taken up again."""
        request = job_service_pb2.WatchJobRequest(job_id=job_id)
        while True:
            try:
                async for answer in self._jobs.WatchJob(request, metadata=self._metadata, wait_for_ready=True):
                    job = job_from(answer.job)
                    yield job
                    if job.status.is_terminal:
                        return
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.UNAVAILABLE:
                    raise from_rpc(error) from error
            await asyncio.sleep(RECONNECT_S)

    async def wait(self, job_id: str, on_progress: Callable[[Job], None] | None = None) -> JobResult:
        """Waits until the job has ended; gives its result, whatever the end."""
        async for job in self.watch(job_id):
            if on_progress:
                on_progress(job)
        return await self.result(job_id)

    async def download(
        self, job_id: str, path: Path | str, *, artifact: str | None = None, on_progress: Progress | None = None
    ) -> Path:
        """The rendered video, or one artifact, into a file; the file appears when it is whole."""
        if artifact is None:
            output = job_service_pb2.DownloadOutputRequest(job_id=job_id)
            answers = self._jobs.DownloadOutput(output, metadata=self._metadata)
        else:
            named = job_service_pb2.DownloadArtifactRequest(job_id=job_id, name=artifact)
            answers = self._jobs.DownloadArtifact(named, metadata=self._metadata)
        path = Path(path)
        partial = path.with_name(path.name + ".part")
        done = size = 0
        with _own_errors(), partial.open("wb") as file:
            async for answer in answers:
                size = answer.info.size_bytes or size
                await asyncio.to_thread(file.write, answer.chunk)
                done += len(answer.chunk)
                if on_progress:
                    on_progress(done, size)
        return partial.replace(path)

    async def list_deliveries(self, job_id: str = "", page: int = 1, page_size: int = 10) -> DeliveryPage:
        """A page of the webhooks' deliveries, newest first, of one job or of all."""
        request = webhook_service_pb2.ListDeliveriesRequest(job_id=job_id, page=page, page_size=page_size)
        with _own_errors():
            answer = await self._webhooks.ListDeliveries(request, metadata=self._metadata)
        return DeliveryPage(tuple(map(delivery_from, answer.deliveries)), answer.total, answer.page, answer.page_size)

    async def resend(self, delivery_id: str) -> Delivery:
        """Sends a webhook's message again, now and with the same id."""
        request = webhook_service_pb2.ResendDeliveryRequest(delivery_id=delivery_id)
        with _own_errors():
            answer = await self._webhooks.ResendDelivery(request, metadata=self._metadata)
        return delivery_from(answer.delivery)

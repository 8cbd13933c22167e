"""JobService: jobs, what becomes of them, and the files they leave."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from typing_extensions import override

from clipzy.v1 import job_service_pb2 as wire
from clipzy.v1.job_service_pb2_grpc import JobServiceServicer
from clipzy_server.api.downloads import chunks, file_info
from clipzy_server.api.enums import JOB_STATUSES
from clipzy_server.api.fields import required
from clipzy_server.api.job_messages import estimate_message, job_message, result_message
from clipzy_server.api.job_values import new_job
from clipzy_server.api.paging import page_request
from clipzy_server.transport.call import current_owner
from clipzy_server.usecases.jobs import Jobs

Context = Any  # grpc.aio.ServicerContext, whose messages the published stubs leave untyped


class JobService(JobServiceServicer):
    """The calls of clipzy.v1.JobService on the use cases of jobs."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    @override
    async def CreateJob(self, request: wire.CreateJobRequest, context: Context) -> wire.CreateJobResponse:
        asked = new_job(request)
        if asked.config.dry_run:
            estimate = await self._jobs.estimate(current_owner(), asked)
            return wire.CreateJobResponse(estimate=estimate_message(estimate))
        job = await self._jobs.create(current_owner(), asked, request.request_id or None)
        return wire.CreateJobResponse(job=job_message(job))

    @override
    async def GetJob(self, request: wire.GetJobRequest, context: Context) -> wire.GetJobResponse:
        job = await self._jobs.get(current_owner(), required(request.job_id, "job_id"))
        return wire.GetJobResponse(job=job_message(job))

    @override
    async def GetJobResult(self, request: wire.GetJobResultRequest, context: Context) -> wire.GetJobResultResponse:
        result = await self._jobs.result(current_owner(), required(request.job_id, "job_id"))
        return wire.GetJobResultResponse(result=result_message(result))

    @override
    async def ListJobs(self, request: wire.ListJobsRequest, context: Context) -> wire.ListJobsResponse:
        status = JOB_STATUSES.from_wire(request.status, "status") if request.status else None
        page = await self._jobs.list(current_owner(), page_request(request.page, request.page_size), status)
        return wire.ListJobsResponse(
            jobs=map(job_message, page.items), total=page.total, page=page.page, page_size=page.page_size
        )

    @override
    async def CancelJob(self, request: wire.CancelJobRequest, context: Context) -> wire.CancelJobResponse:
        job = await self._jobs.cancel(current_owner(), required(request.job_id, "job_id"))
        return wire.CancelJobResponse(job=job_message(job))

    @override
    async def RetryJob(self, request: wire.RetryJobRequest, context: Context) -> wire.RetryJobResponse:
        job = await self._jobs.retry(current_owner(), required(request.job_id, "job_id"), request.request_id or None)
        return wire.RetryJobResponse(job=job_message(job))

    @override
    async def WatchJob(self, request: wire.WatchJobRequest, context: Context) -> AsyncIterator[wire.WatchJobResponse]:
        states = self._jobs.watch(current_owner(), required(request.job_id, "job_id"))
        async with aclosing(states):
            async for job in states:
                yield wire.WatchJobResponse(job=job_message(job))

    @override
    async def DownloadOutput(
        self, request: wire.DownloadOutputRequest, context: Context
    ) -> AsyncIterator[wire.DownloadOutputResponse]:
        file = await self._jobs.output(current_owner(), required(request.job_id, "job_id"))
        info = file_info(file, request.offset_bytes, request.limit_bytes if request.HasField("limit_bytes") else None)
        yield wire.DownloadOutputResponse(info=info)
        async with aclosing(chunks(file, info)) as parts:
            async for chunk in parts:
                yield wire.DownloadOutputResponse(chunk=chunk)

    @override
    async def DownloadArtifact(
        self, request: wire.DownloadArtifactRequest, context: Context
    ) -> AsyncIterator[wire.DownloadArtifactResponse]:
        job_id, name = required(request.job_id, "job_id"), required(request.name, "name")
        file = await self._jobs.artifact(current_owner(), job_id, name)
        info = file_info(file, request.offset_bytes, request.limit_bytes if request.HasField("limit_bytes") else None)
        yield wire.DownloadArtifactResponse(info=info)
        async with aclosing(chunks(file, info)) as parts:
            async for chunk in parts:
                yield wire.DownloadArtifactResponse(chunk=chunk)

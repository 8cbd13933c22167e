"""`/jobs` and what lies below."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from google.api.httpbody_pb2 import HttpBody
from typing_extensions import override

from clipzy.rest.v1 import rest_pb2, rest_pb2_grpc
from clipzy_server.domain.errors import ErrorCode
from clipzy_server.domain.job import JobStatus
from clipzy_server.rest.answer import success
from clipzy_server.rest.body import read_json, refuse_body
from clipzy_server.rest.documented import data, documented, json_body
from clipzy_server.rest.events import EVENTS, send_events
from clipzy_server.rest.exchange import Context, request_header
from clipzy_server.rest.files import file_answers, send_file
from clipzy_server.rest.job_json import (
    EstimateJson,
    JobJson,
    JobPageJson,
    JobResultJson,
    job_json,
    job_page_json,
    job_result_json,
)
from clipzy_server.rest.job_request import NewJobJson
from clipzy_server.rest.parameters import IDEMPOTENCY_KEY, IF_NONE_MATCH, IF_RANGE, LAST_EVENT_ID, PAGING, RANGE, STATUS
from clipzy_server.rest.query import choice_of, page_of, query_of
from clipzy_server.store.content_types import CONTENT_TYPES
from clipzy_server.transport.call import current_owner
from clipzy_server.usecases.jobs import Jobs


class JobRoutes(rest_pb2_grpc.JobServiceServicer):
    """Jobs and what they leave."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    @documented(
        data(JobJson, EstimateJson, description="The queued job; of a dry run the estimate."),
        body=json_body(NewJobJson),
        headers=(IDEMPOTENCY_KEY,),
        failures=(
            ErrorCode.VIDEO_NOT_FOUND,
            ErrorCode.STYLE_NOT_FOUND,
            ErrorCode.JOB_ALREADY_PROCESSING,
            ErrorCode.IDEMPOTENCY_KEY_REUSED,
            ErrorCode.QUOTA_EXCEEDED,
        ),
    )
    @override
    async def CreateJob(self, request: HttpBody, context: Context) -> HttpBody:
        """Queued; with `dry_run` only checked and estimated."""
        query_of(context)
        asked = read_json(request, NewJobJson).to_domain()
        if asked.config.dry_run:
            estimate = await self._jobs.estimate(current_owner(), asked)
            return success("Job checked", EstimateJson.model_validate(estimate))
        job = await self._jobs.create(current_owner(), asked, request_header(context, "idempotency-key"))
        return success("Job created", job_json(job))

    @documented(data(JobPageJson, description="One page."), query=(*PAGING, STATUS))
    @override
    async def ListJobs(self, request: rest_pb2.RootRequest, context: Context) -> HttpBody:
        """Newest first, of one status or of all."""
        query = query_of(context, "page", "page_size", "status")
        page = await self._jobs.list(current_owner(), page_of(query), choice_of(query, "status", JobStatus))
        return success("Jobs retrieved", job_page_json(page))

    @documented(data(JobJson, description="The job as it is now."), failures=(ErrorCode.JOB_NOT_FOUND,))
    @override
    async def GetJob(self, request: rest_pb2.JobRequest, context: Context) -> HttpBody:
        """One job."""
        query_of(context)
        return success("Job retrieved", job_json(await self._jobs.get(current_owner(), request.job_id)))

    @documented(
        data(JobResultJson, description="What the job made."),
        failures=(ErrorCode.JOB_NOT_FOUND, ErrorCode.RESULT_NOT_READY),
    )
    @override
    async def GetJobResult(self, request: rest_pb2.JobRequest, context: Context) -> HttpBody:
        """What a terminal job made."""
        query_of(context)
        result = await self._jobs.result(current_owner(), request.job_id)
        return success("Job result retrieved", job_result_json(result))

    @documented(
        data(JobJson, description="The cancelled job."),
        failures=(ErrorCode.JOB_NOT_FOUND, ErrorCode.JOB_ALREADY_FINISHED),
    )
    @override
    async def CancelJob(self, request: rest_pb2.JobRequest, context: Context) -> HttpBody:
        """Stops it."""
        query_of(context)
        refuse_body(request.body)
        return success("Job cancelled", job_json(await self._jobs.cancel(current_owner(), request.job_id)))

    @documented(
        data(JobJson, description="The new job."),
        headers=(IDEMPOTENCY_KEY,),
        failures=(
            ErrorCode.JOB_NOT_FOUND,
            ErrorCode.VIDEO_NOT_FOUND,
            ErrorCode.JOB_ALREADY_PROCESSING,
            ErrorCode.IDEMPOTENCY_KEY_REUSED,
            ErrorCode.QUOTA_EXCEEDED,
        ),
    )
    @override
    async def RetryJob(self, request: rest_pb2.JobRequest, context: Context) -> HttpBody:
        """A new job of the same inputs."""
        query_of(context)
        refuse_body(request.body)
        key = request_header(context, "idempotency-key")
        return success("Job created", job_json(await self._jobs.retry(current_owner(), request.job_id, key)))

    @documented(*EVENTS, headers=(LAST_EVENT_ID,), failures=(ErrorCode.JOB_NOT_FOUND,))
    @override
    async def WatchJob(self, request: rest_pb2.JobRequest, context: Context) -> AsyncIterator[HttpBody]:
        """Its changes as they happen."""
        query_of(context)
        async with aclosing(send_events(self._jobs.watch(current_owner(), request.job_id), context)) as frames:
            async for frame in frames:
                yield frame

    @documented(
        *file_answers("video/mp4"),
        headers=(RANGE, IF_RANGE, IF_NONE_MATCH),
        failures=(
            ErrorCode.JOB_NOT_FOUND,
            ErrorCode.ARTIFACT_NOT_FOUND,
            ErrorCode.RESULT_NOT_READY,
            ErrorCode.RANGE_NOT_SATISFIABLE,
        ),
    )
    @override
    async def DownloadOutput(self, request: rest_pb2.JobRequest, context: Context) -> AsyncIterator[HttpBody]:
        """The MP4."""
        query_of(context)
        file = await self._jobs.output(current_owner(), request.job_id)
        async with aclosing(send_file(file, context)) as frames:
            async for frame in frames:
                yield frame

    @documented(
        *file_answers(*sorted({media_type.partition(";")[0] for media_type in CONTENT_TYPES.values()})),
        headers=(RANGE, IF_RANGE, IF_NONE_MATCH),
        failures=(
            ErrorCode.JOB_NOT_FOUND,
            ErrorCode.ARTIFACT_NOT_FOUND,
            ErrorCode.RESULT_NOT_READY,
            ErrorCode.RANGE_NOT_SATISFIABLE,
        ),
    )
    @override
    async def DownloadArtifact(self, request: rest_pb2.ArtifactRequest, context: Context) -> AsyncIterator[HttpBody]:
        """Any other file it left."""
        query_of(context)
        file = await self._jobs.artifact(current_owner(), request.job_id, request.name)
        async with aclosing(send_file(file, context)) as frames:
            async for frame in frames:
                yield frame

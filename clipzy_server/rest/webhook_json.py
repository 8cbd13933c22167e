"""The body of a webhook: the answer of `GET /jobs/{job_id}/result`, with the fields that receivers look at on top."""

from pydantic import BaseModel

from clipzy_server.domain.job import JobResult, JobStatus
from clipzy_server.rest.job_json import JobResultJson, job_result_json


class WebhookJson(BaseModel):
    """A job that ended. `success` is true when it completed; only then there is an `output_video_url` beside `data`."""

    success: bool
    message: str
    data: JobResultJson
    job_id: str
    status: JobStatus
    progress_percent: int
    output_video_url: str | None = None
    processing_time_seconds: float | None


def webhook_body(result: JobResult) -> bytes:
    """One body for both published shapes: `{success, message, data}`, and the fields of the job beside them."""
    data = job_result_json(result)
    is_completed = data.status is JobStatus.COMPLETED
    body = WebhookJson(
        success=is_completed,
        message=f"Job {data.status}",
        data=data,
        job_id=data.job_id,
        status=data.status,
        progress_percent=data.progress_percent,
        processing_time_seconds=data.processing_time_seconds,
        **({"output_video_url": data.output_video_url} if is_completed else {}),
    )
    return body.model_dump_json(exclude_unset=True).encode()

"""The body of a webhook: the answer of `GET /jobs/{job_id}/result`, with the fields that receivers look at on top."""

from pydantic_core import to_json

from clipzy_server.domain.job import JobResult, JobStatus
from clipzy_server.rest.job_json import job_result_json


def webhook_body(result: JobResult) -> bytes:
    """One body for both published shapes: `{success, message, data}`, and the fields of the job beside them."""
    is_completed = result.job.status is JobStatus.COMPLETED
    data = job_result_json(result)
    body = {
        "success": is_completed,
        "message": f"Job {data.status}",
        "data": data,
        "job_id": data.job_id,
        "status": data.status,
        "progress_percent": data.progress_percent,
    }
    if is_completed:
        body["output_video_url"] = data.output_video_url
    return to_json({**body, "processing_time_seconds": data.processing_time_seconds})

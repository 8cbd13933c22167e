"""Query parameters and headers that routes document, each said once."""

from clipzy_server.domain.job import JobStatus
from clipzy_server.rest.documented import Parameter
from clipzy_server.rest.query import MAX_PAGE, MAX_PAGE_SIZE

ID_PATTERN = "^[A-Za-z0-9_-]{1,128}$"

PAGE = Parameter(
    "page",
    "query",
    "Pages count from 1; one past the end is empty.",
    {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 1},
)
PAGE_SIZE = Parameter(
    "page_size",
    "query",
    "Entries on a page.",
    {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": 10},
)
PAGING = (PAGE, PAGE_SIZE)
STATUS = Parameter(
    "status", "query", "Only jobs of this status.", {"type": "string", "enum": [status.value for status in JobStatus]}
)
JOB_ID = Parameter("job_id", "query", "Only those of this job.", {"type": "string", "pattern": ID_PATTERN})
WITH = Parameter(
    "with", "query", "The other style's id.", {"type": "string", "pattern": ID_PATTERN, "minLength": 1}, required=True
)

IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    "header",
    "The same key with the same request is answered for 24 h with the first answer; with another one by 409.",
    {"type": "string", "pattern": "^[ -~]{1,255}$", "minLength": 1, "maxLength": 255},
)
RANGE = Parameter(
    "Range", "header", "`bytes=FIRST-LAST`: a part of the file. What cannot be read is ignored.", {"type": "string"}
)
IF_RANGE = Parameter(
    "If-Range", "header", "The `etag` the range belongs to; with any other the whole file is sent.", {"type": "string"}
)
IF_NONE_MATCH = Parameter(
    "If-None-Match", "header", "An `etag` seen before: 304 while the file is still that one.", {"type": "string"}
)
LAST_EVENT_ID = Parameter(
    "Last-Event-ID", "header", "The last event seen: only newer ones are sent.", {"type": "string"}
)

PATH_PATTERNS = {
    "video_id": ID_PATTERN,
    "job_id": ID_PATTERN,
    "style_id": ID_PATTERN,
    "delivery_id": ID_PATTERN,
    "upload_id": ID_PATTERN,
    "name": "^[A-Za-z0-9_.-]{1,128}$",
}
"""What a variable of a path may look like; anything else is no route."""

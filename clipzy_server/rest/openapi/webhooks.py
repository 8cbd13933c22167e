"""`webhooks`: what Clipzy sends of its own accord."""

from typing import Any

from clipzy_server.rest.answer import JSON
from clipzy_server.rest.openapi.schemas import ModelUse
from clipzy_server.rest.webhook_json import WebhookJson

BODY: ModelUse = (WebhookJson, "serialization")

_HEADERS = {
    "webhook-id": "The same on every try: whoever has seen it may leave it.",
    "webhook-timestamp": "When this try was signed, in seconds since 1970.",
    "webhook-signature": "`v1,` and, in Base64, an HMAC-SHA256 by the owner's secret, as Standard Webhooks has it.",
}
_ABOUT = (
    "POSTed to the job's `webhook_url`, at least once: again after 5 s, 5 min, 30 min, 2 h, 5 h and 10 h, until it is "
    "answered by 2xx within 15 s."
)


def webhooks_of(body: dict[str, Any]) -> dict[str, Any]:
    """The webhooks object; `body` is the schema of BODY."""
    return {
        "jobEnded": {
            "post": {
                "operationId": "jobEnded",
                "tags": ["Webhook"],
                "summary": "A job has completed, failed or been cancelled",
                "description": _ABOUT,
                "security": [],
                "parameters": [
                    {"name": name, "in": "header", "required": True, "description": says, "schema": {"type": "string"}}
                    for name, says in _HEADERS.items()
                ],
                "requestBody": {
                    "description": "The job and all it made.",
                    "required": True,
                    "content": {JSON: {"schema": body}},
                },
                "responses": {
                    "2XX": {"description": "Received."},
                    "default": {"description": "Not received, redirects included: it is sent again."},
                },
            }
        }
    }

"""For those who receive webhooks."""

import json
from collections.abc import Mapping
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError


class InvalidWebhook(Exception):
    """The message was not signed with the secret in the last five minutes, or is not whole."""


def verify(body: bytes, headers: Mapping[str, str], secret: str) -> dict[str, Any]:
    """The message of a webhook's request; raises InvalidWebhook unless Clipzy signed these very bytes.

    `secret` is what `clipzy webhook-secret` prints; ValueError if it can't be. The same message can come again: its
    header `webhook-id` tells.
    """
    webhook = Webhook(secret)
    try:
        webhook.verify(body, dict(headers), json_parse=False)
        message: dict[str, Any] = json.loads(body)
    except (WebhookVerificationError, ValueError) as error:
        raise InvalidWebhook(str(error)) from error
    return message

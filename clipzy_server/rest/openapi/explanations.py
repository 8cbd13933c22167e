"""What the fields of the JSON mean: as the protos of `clipzy.v1` say it of the same ones."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from clipzy_server.rest.openapi.comments import field_comments, proto_files

# Schemas that are called otherwise than their messages.
_MESSAGES = {
    "Delivery": "WebhookDelivery",
    "Estimate": "JobEstimate",
    "Metadata": "VideoMetadata",
    "NewJob": "CreateJobRequest",
    "NewStyle": "SaveStyleRequest",
    "Shot": "StyleShot",
    "Style": "StyleDna",
}


def explain(schemas: Mapping[str, Any]) -> None:
    """Gives each property without a description that of the field of the same name, where its message has one."""
    for name, schema in schemas.items():
        plain = name.removesuffix("Input")
        comments = _comments().get(_MESSAGES.get(plain, plain), {})
        for field, described in schema.get("properties", {}).items():
            if comment := comments.get(field):
                described.setdefault("description", _in_json(comment))


@cache
def _comments() -> Mapping[str, Mapping[str, str]]:
    return {message: fields for file in proto_files("clipzy.v1") for message, fields in field_comments(file).items()}


def _in_json(comment: str) -> str:
    """What is unset in a message is null in JSON."""
    return re.sub(r"\b[Uu]nset\b", "`null`", comment)

"""The documented envelope of a success."""

from typing import Any

from google.api.httpbody_pb2 import HttpBody
from pydantic import BaseModel
from pydantic_core import to_json

JSON = "application/json"


def success(message: str, data: BaseModel | dict[str, Any]) -> HttpBody:
    """`{"success": true, "message": …, "data": …}`, times with Z, absent values as null."""
    return HttpBody(content_type=JSON, data=to_json({"success": True, "message": message, "data": data}))

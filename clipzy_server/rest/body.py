"""JSON bodies of requests: strict JSON, strict types, no unknown fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from google.api.httpbody_pb2 import HttpBody
from pydantic import BaseModel, BeforeValidator, ConfigDict, GetJsonSchemaHandler, StringConstraints, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails

from clipzy_server.domain.errors import ErrorCode, Invalid

M = TypeVar("M", bound=BaseModel)

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]

_MAX_COMPLAINTS = 3


@dataclass(frozen=True, eq=False)
class Rule:
    """A rule of the use cases, told to readers of the schema; it is checked where gRPC's calls are checked too."""

    keywords: Mapping[str, Any]

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(core), **self.keywords}


def _whole(value: Any) -> Any:
    """24.0 is an integer to JSON Schema, and some languages write their integers so."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE = BeforeValidator(_whole)
WebhookUrl = Annotated[str, Rule({"format": "uri", "pattern": r"^https?://[!-\[\]-~]+$", "maxLength": 2048})]


def within(low: float, high: float) -> Rule:
    """Numbers from `low` to `high`, both included."""
    return Rule({"minimum": low, "maximum": high})


class RequestModel(BaseModel):
    """What callers send: exact types, only the fields of the contract, no NaN or infinity."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        use_enum_values=False,
        json_schema_serialization_defaults_required=True,
    )


def read_json(body: HttpBody, kind: type[M]) -> M:
    """The body as `kind`.

    Raises Invalid: UNSUPPORTED_MEDIA_TYPE, MISSING_FIELD for a missing field of the body itself, VALIDATION_ERROR
    for everything else, naming the field.
    """
    require_json(body)
    try:
        return kind.model_validate_json(body.data)
    except ValidationError as error:
        raise invalid_fields(error) from error


def refuse_body(body: HttpBody) -> None:
    """Raises Invalid when something is sent where nothing is taken; `{}` counts as nothing."""
    if body.data.strip() not in (b"", b"{}"):
        raise Invalid(ErrorCode.VALIDATION_ERROR, "Invalid request", "This route takes no body.")


def require_json(body: HttpBody) -> None:
    """Raises Invalid (UNSUPPORTED_MEDIA_TYPE) unless the body says that it is JSON."""
    media_type = body.content_type.partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise Invalid(
            ErrorCode.UNSUPPORTED_MEDIA_TYPE, "Unsupported media type", "The body must be sent as application/json."
        )


def invalid_fields(error: ValidationError) -> Invalid:
    """What a person and a program need of a validation error: the fields by dotted name, without their values."""
    complaints = error.errors(include_url=False, include_input=False, include_context=False)
    detail = "; ".join(map(_complaint, complaints[:_MAX_COMPLAINTS]))
    first = complaints[0]
    if first["type"] == "missing" and len(first["loc"]) == 1:
        return Invalid(ErrorCode.MISSING_FIELD, "A required field is missing", detail)
    return Invalid(ErrorCode.VALIDATION_ERROR, "Invalid request", detail)


def _complaint(complaint: ErrorDetails) -> str:
    where = ".".join(str(part)[:100] for part in complaint["loc"]) or "body"
    texts = {"missing": "is required", "extra_forbidden": "unknown field"}
    return f"{where}: {texts.get(complaint['type'], complaint['msg'])}"

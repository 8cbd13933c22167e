"""What a route takes and answers, said once, above its handler.

    @documented(data(JobJson), body=json_body(NewJobJson), failures=(ErrorCode.VIDEO_NOT_FOUND,))

The OpenAPI document is made of this and of the routes in `proto/clipzy/rest/v1`. What follows from a route itself
(path variables, a token or none, the failures of every route) is not said here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, TypeVar

from pydantic import BaseModel

from clipzy_server.domain.errors import ErrorCode
from clipzy_server.rest.answer import JSON

H = TypeVar("H", bound=Callable[..., Any])

Model = type[BaseModel]
Schema = Mapping[str, Any]

MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter or a header; `schema` is JSON Schema."""

    name: str
    place: Literal["query", "header"]
    description: str
    schema: Schema
    required: bool = False
    example: str | None = None


class Form(StrEnum):
    """How the JSON of a model travels."""

    BARE = "bare"
    ENVELOPE = "envelope"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Content:
    """One media type: JSON of one of `models`, or what `schema` says, or any bytes. Of a stream: each of its items."""

    media_type: str
    description: str = ""
    models: tuple[Model, ...] = ()
    form: Form = Form.BARE
    schema: Schema = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """One success. `headers`: name → what it says; the names every answer has are not among them."""

    description: str
    status: int = 200
    contents: tuple[Content, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Documented:
    """Everything a route says of itself."""

    answers: tuple[Answer, ...]
    body: Content | None
    query: tuple[Parameter, ...]
    headers: tuple[Parameter, ...]
    failures: tuple[ErrorCode, ...]


_routes: dict[Callable[..., Any], Documented] = {}


def documented(
    *answers: Answer,
    body: Content | None = None,
    query: tuple[Parameter, ...] = (),
    headers: tuple[Parameter, ...] = (),
    failures: tuple[ErrorCode, ...] = (),
) -> Callable[[H], H]:
    """Says of the handler below it what its callers may send and will get."""

    def register(handler: H) -> H:
        _routes[handler] = Documented(answers, body, query, headers, failures)
        return handler

    return register


def documentation_of(handler: Callable[..., Any]) -> Documented:
    """What was said of a handler; raises LookupError where nothing was."""
    try:
        return _routes[handler]
    except KeyError:
        raise LookupError(f"{handler.__qualname__} has no @documented: say there what it takes and answers") from None


def data(*models: Model, description: str = "Done.") -> Answer:
    """200 and the envelope with one of `models` as its `data`."""
    return Answer(description, contents=(Content(JSON, models=models, form=Form.ENVELOPE),))


def json_body(model: Model) -> Content:
    """A JSON body."""
    return Content(JSON, _about(model), (model,))


def form_body(model: Model) -> Content:
    """A `multipart/form-data` body, a part for each field."""
    return Content(MULTIPART, _about(model), (model,))


def job_events(media_type: str, model: Model) -> Content:
    """A stream of Server-Sent Events, each with a model as its data."""
    return Content(media_type, models=(model,), form=Form.EVENT)


def json_lines(media_type: str, model: Model) -> Content:
    """A stream of lines, each the JSON of a model."""
    return Content(media_type, models=(model,))


def raw_bytes(media_type: str) -> Content:
    """Bytes as they are."""
    return Content(media_type, "Bytes as they are.")


def _about(model: Model) -> str:
    return (model.__doc__ or "").partition("\n\n")[0]

"""The body of `POST /styles`."""

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from clipzy_server.rest.body import Id, RequestModel, Rule
from clipzy_server.rest.style_json import StyleJson


def _only(name: str, kind: str) -> dict[str, Any]:
    others = {"style_json", "job_id"} - {name}
    return {"required": [name], "properties": {name: {"type": kind}, **{other: {"type": "null"} for other in others}}}


NOT_BLANK = Rule({"pattern": r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"})


class NewStyleJson(RequestModel):
    """A name, and either a whole Style DNA or the job that extracted it."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [_only("style_json", "object"), _only("job_id", "string")]})

    name: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$"), NOT_BLANK]
    style: StyleJson | None = Field(default=None, alias="style_json")
    job_id: Id | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.style is None) == (self.job_id is None):
            raise PydanticCustomError("one_source", "exactly one of style_json and job_id must be given")
        return self

"""The body of `POST /styles`."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from clipzy_server.rest.body import Id, RequestModel
from clipzy_server.rest.style_json import StyleJson


class NewStyleJson(RequestModel):
    """A name, and either a whole Style DNA or the job that extracted it."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
    style: StyleJson | None = Field(default=None, alias="style_json")
    job_id: Id | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.style is None) == (self.job_id is None):
            raise PydanticCustomError("one_source", "exactly one of style_json and job_id must be given")
        return self

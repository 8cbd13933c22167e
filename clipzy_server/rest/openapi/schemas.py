"""`components.schemas`: the pydantic models under the names callers know, and the envelope around them."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from clipzy_server.domain.errors import ErrorCode
from clipzy_server.rest.answer import JSON
from clipzy_server.rest.documented import Content, Form, Model
from clipzy_server.rest.openapi.explanations import explain

Schemas = dict[str, Any]
ModelUse = tuple[Model, JsonSchemaMode]

REFERENCE = "#/components/schemas/{model}"
FAILURE = "Failure"


def failure_schema() -> Schemas:
    """The one shape of every failure."""
    code = {
        "type": "string",
        "enum": [code.value for code in ErrorCode],
        "description": "What programs switch on.",
    }
    error = {
        "type": "object",
        "properties": {"detail": {"type": "string", "description": "The technical reason."}, "code": code},
        "required": ["detail", "code"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "description": "Every failure, whoever refuses: the server, the gateway or a limit.",
        "properties": {
            "success": {"const": False},
            "message": {"type": "string", "description": "For a person."},
            "error": error,
        },
        "required": ["success", "message", "error"],
        "additionalProperties": False,
    }


class ModelSchemas:
    """The schemas of all models in use, each written down once."""

    def __init__(self, uses: Iterable[ModelUse]) -> None:
        ordered = sorted(set(uses), key=lambda use: (use[0].__name__, use[1]))
        references, definitions = models_json_schema(ordered, ref_template=REFERENCE)
        self._references: Mapping[ModelUse, Schemas] = {use: _public(references[use]) for use in ordered}
        models: Schemas = definitions.get("$defs", {})
        self.definitions: Schemas = {_public_name(name): _public(schema) for name, schema in sorted(models.items())}
        explain(self.definitions)

    def of(self, content: Content, mode: JsonSchemaMode) -> Schemas:
        """The schema of what a body or an answer carries."""
        if not content.models:
            return dict(content.schema)
        found = [self.reference((model, mode)) for model in content.models]
        schema = found[0] if len(found) == 1 else {"anyOf": found}
        return _FORMS[content.form](schema)

    def reference(self, use: ModelUse) -> Schemas:
        """The reference to one model's schema."""
        return dict(self._references[use])


def _envelope(data: Schemas) -> Schemas:
    return {
        "type": "object",
        "properties": {
            "success": {"const": True},
            "message": {"type": "string", "description": "For a person."},
            "data": data,
        },
        "required": ["success", "message", "data"],
        "additionalProperties": False,
    }


def _event(data: Schemas) -> Schemas:
    return {
        "type": "object",
        "properties": {
            "id": {"type": "string", "pattern": "^[0-9]+$"},
            "event": {"const": "job"},
            "data": {"type": "string", "contentMediaType": JSON, "contentSchema": data},
        },
        "required": ["id", "event", "data"],
    }


_FORMS: Mapping[Form, Callable[[Schemas], Schemas]] = {
    Form.BARE: lambda schema: schema,
    Form.ENVELOPE: _envelope,
    Form.EVENT: _event,
}


def _public_name(name: str) -> str:
    """`StyleJson-Input` → `StyleInput`, `StyleJson-Output` and `JobJson` → `Style` and `Job`."""
    return re.sub(r"Json\b|-Output\b|-", "", name)


def _public(schema: Any) -> Any:
    """The schema with public names, without pydantic's titles and with each paragraph of a description on one line."""
    if isinstance(schema, list):
        return [_public(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    noise = {"title"} if isinstance(schema.get("title"), str) else set()
    # A part that may be left out, which is no value of its own.
    noise |= {"default"} if schema.get("default") == "" else set()
    public = {name: _public(value) for name, value in schema.items() if name not in noise}
    if isinstance(schema.get("$ref"), str):
        head, _, name = schema["$ref"].rpartition("/")
        public["$ref"] = f"{head}/{_public_name(name)}"
    if isinstance(schema.get("description"), str):
        public["description"] = re.sub(r"(?<!\n)\n(?!\n)", " ", schema["description"])
    return public

"""Documented JSON values as frozen dataclasses and back, by the types of their fields."""

import dataclasses
import types
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def build(kind: type[T], plain: Any) -> T:
    """A dataclass out of a JSON object. Raises ValueError where a field is missing, unknown or of another kind."""
    try:
        value: T = _value(kind, plain)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"this is no {kind.__name__}: {error}") from error
    return value


def plain_of(value: Any) -> Any:
    """The JSON value; fields that begin with an underscore are nobody's business."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: plain_of(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if not field.name.startswith("_")
        }
    if isinstance(value, dict):
        return {str(name): plain_of(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_of(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.value if isinstance(value, StrEnum) else value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _value(kind: Any, plain: Any) -> Any:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _object(kind, plain)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(plain)
    if kind is datetime:
        return plain if isinstance(plain, datetime) else datetime.fromisoformat(plain)
    return _container(kind, plain) if get_origin(kind) else plain


def _object(kind: type, plain: Any) -> Any:
    hints = _hints(kind)
    unknown = sorted(plain.keys() - hints.keys())
    if unknown:
        raise ValueError(f"{kind.__name__} has no field {unknown[0]!r}")
    return kind(**{name: _value(hints[name], value) for name, value in plain.items()})


def _container(kind: Any, plain: Any) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        if plain is None:
            return None
        first = next(argument for argument in arguments if argument is not types.NoneType)
        return _value(first, plain)
    if origin is tuple:
        return tuple(_value(arguments[0], item) for item in plain)
    if origin is dict:
        return {name: _value(arguments[1], item) for name, item in plain.items()}
    if origin is Literal and plain not in arguments:
        raise ValueError(f"{plain!r} is none of {arguments}")
    return plain

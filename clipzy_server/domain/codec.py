"""Domain values as JSON and back, where they cross a process, a file or a database column."""

from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


_adapters: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def learn(kind: Any) -> None:
    """Make once what reads and writes values of this kind."""
    _adapter(kind)


def to_plain(value: Any) -> Any:
    """A dataclass as dicts, lists, strings and numbers. Fractions become strings, times ISO-8601 with Z."""
    return _adapter(type(value)).dump_python(value, mode="json")


def from_plain(kind: type[T], plain: Any) -> T:
    """The opposite of `to_plain`; raises ValueError naming what does not fit."""
    return _adapter(kind).validate_python(plain)  # type: ignore[no-any-return]


def to_json(value: Any) -> bytes:
    """A dataclass as compact JSON."""
    return _adapter(type(value)).dump_json(value)


def from_json(kind: type[T], text: bytes | str) -> T:
    """The opposite of `to_json`; raises ValueError naming what does not fit."""
    return _adapter(kind).validate_json(text)  # type: ignore[no-any-return]

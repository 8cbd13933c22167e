"""Messages of clipzy.v1 as the documented JSON values and back, by their descriptors.

Enumerations become lower-case words (`STAGE_RENDERING` → `rendering`), times `datetime`, durations seconds; an optional
field that is absent becomes None.
"""

from datetime import UTC, datetime
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

EnumDescriptor = Any  # the fast and the pure implementation of protobuf have classes of their own
FieldDescriptor = Any
_RATIOS = {"16_9": "16:9", "9_16": "9:16", "1_1": "1:1", "4_5": "4:5", "4_3": "4:3", "21_9": "21:9"}


def _prefix(enum: EnumDescriptor) -> str:
    return str(enum.values_by_number[0].name).removesuffix("UNSPECIFIED")


def word_of(enum: EnumDescriptor, number: int) -> str | None:
    """The wire word of an enumeration's value, None for the unspecified one."""
    if number == 0:
        return None
    word = str(enum.values_by_number[number].name).removeprefix(_prefix(enum)).lower()
    return _RATIOS.get(word, word).replace("ease_", "ease-").replace("-in_", "-in-")


def number_of(enum: EnumDescriptor, word: str) -> int:
    """The number of a wire word; raises ValueError for an unknown one."""
    for value in enum.values:
        if word_of(enum, value.number) == word:
            return int(value.number)
    raise ValueError(f"{word!r} is none of {[word_of(enum, value.number) for value in enum.values[1:]]}")


def to_plain(message: Message) -> dict[str, Any]:
    """Every field of the message by its name."""
    return {field.name: _field_value(message, field) for field in message.DESCRIPTOR.fields}


def _field_value(message: Message, field: FieldDescriptor) -> Any:
    value = getattr(message, field.name)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return {key: _map_value(item) for key, item in value.items()}
    if field.is_repeated:
        return [_single(field, item) for item in value]
    if field.has_presence and not message.HasField(field.name):
        return None
    return _single(field, value)


def _map_value(item: Any) -> Any:
    if not isinstance(item, Message):
        return item
    plain = to_plain(item)
    return plain["value"] if set(plain) == {"value"} else plain


def _single(field: FieldDescriptor, value: Any) -> Any:
    if isinstance(value, Timestamp):
        return value.ToDatetime(tzinfo=UTC)
    if isinstance(value, Duration):
        return value.ToTimedelta().total_seconds()
    if isinstance(value, Message):
        return to_plain(value)
    return word_of(field.enum_type, value) if field.enum_type is not None else value


def fill(message: Message, plain: dict[str, Any]) -> None:
    """Puts documented JSON values into the message. Raises ValueError for a name or word it does not have."""
    fields = message.DESCRIPTOR.fields_by_name
    for name, value in plain.items():
        if name not in fields:
            raise ValueError(f"unknown field {name!r} in {message.DESCRIPTOR.name}")
        if value is not None:
            _fill_field(message, fields[name], value)


def _fill_field(message: Message, field: FieldDescriptor, value: Any) -> None:
    target = getattr(message, field.name)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        for key, item in value.items():
            fill(target[key], {"value": item})
            target[key].SetInParent()
    elif field.is_repeated:
        for item in value:
            if field.message_type is not None:
                fill(target.add(), item)
            else:
                target.append(_scalar(field, item))
    elif isinstance(target, Timestamp):
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        target.FromDatetime(moment.astimezone(UTC))
    elif field.message_type is not None:
        target.SetInParent()
        fill(target, value)
    else:
        setattr(message, field.name, _scalar(field, value))


def _scalar(field: FieldDescriptor, value: Any) -> Any:
    return number_of(field.enum_type, value) if field.enum_type is not None else value

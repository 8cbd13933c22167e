"""Fields of requests that must be there."""

from google.protobuf.message import Message

from clipzy_server.domain.errors import ErrorCode, Invalid


def required(value: str, field: str) -> str:
    """The text of a field; raises Invalid (MISSING_FIELD) naming it when it is empty."""
    if not value:
        raise missing(field)
    return value


def present(message: Message, field: str, path: str) -> None:
    """Raises Invalid (MISSING_FIELD) naming `path` when the sub-message `field` was not sent."""
    if not message.HasField(field):
        raise missing(path)


def missing(field: str) -> Invalid:
    """The error of a field that is required and did not come."""
    return Invalid(ErrorCode.MISSING_FIELD, "A field is missing", f"{field} is required")

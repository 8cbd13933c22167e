"""Points in time and durations ↔ the well-known protobuf types."""

from datetime import UTC, datetime

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from clipzy_server.domain.errors import ErrorCode, Invalid


def timestamp(at: datetime) -> Timestamp:
    """A point in time, to the microsecond."""
    message = Timestamp()
    message.FromDatetime(at)
    return message


def optional_timestamp(at: datetime | None) -> Timestamp | None:
    """A point in time that may not have come yet."""
    return None if at is None else timestamp(at)


def point_in_time(message: Timestamp, field: str) -> datetime:
    """The opposite of `timestamp`; raises Invalid naming `field` when it is no time of the years 1…9999."""
    try:
        return message.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(ErrorCode.VALIDATION_ERROR, "Invalid value", f"{field}: {error}") from error


def duration(seconds: float) -> Duration:
    """A span of time, to the microsecond."""
    message = Duration()
    message.FromMicroseconds(round(seconds * 1_000_000))
    return message


def optional_duration(seconds: float | None) -> Duration | None:
    """A span of time that may be unknown."""
    return None if seconds is None else duration(seconds)

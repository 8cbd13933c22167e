"""Enumerations of the domain ↔ those of clipzy.v1, by name: `ease-in` is `EASING_EASE_IN`."""

from enum import StrEnum
from typing import Any, Generic, TypeVar

from clipzy.v1 import health_service_pb2, job_pb2, style_pb2, webhook_service_pb2
from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.domain.job import Dimension, JobMode, JobStatus, Quality, Stage
from clipzy_server.domain.style import AspectRatio, BeatBand, Easing, TransitionType
from clipzy_server.domain.webhook import DeliveryState
from clipzy_server.usecases.health import HealthStatus

E = TypeVar("E", bound=StrEnum)


class EnumNames(Generic[E]):
    """One enumeration's names on both sides; raises ValueError where protobuf lacks one."""

    def __init__(self, kind: type[E], wire: Any, prefix: str) -> None:
        self._to_wire = {
            value: wire.Value(prefix + value.replace("-", "_").replace(":", "_").upper()) for value in kind
        }
        self._from_wire = {number: value for value, number in self._to_wire.items()}

    def to_wire(self, value: E) -> Any:
        """The protobuf number of a domain value."""
        return self._to_wire[value]

    def from_wire(self, number: int, field: str) -> E:
        """The domain value of a protobuf number; raises Invalid naming `field` when it is unset or unknown."""
        value = self._from_wire.get(number)
        if value is not None:
            return value
        if number == 0:
            raise Invalid(ErrorCode.MISSING_FIELD, "A field is missing", f"{field} is required")
        raise Invalid(ErrorCode.VALIDATION_ERROR, "Invalid value", f"{field}: {number} has no meaning")

    def from_wire_or(self, number: int, field: str, default: E) -> E:
        """As `from_wire`, but `default` when it is unset."""
        return default if number == 0 else self.from_wire(number, field)


ASPECT_RATIOS = EnumNames(AspectRatio, style_pb2.AspectRatio, "ASPECT_RATIO_")
TRANSITION_TYPES = EnumNames(TransitionType, style_pb2.TransitionType, "TRANSITION_TYPE_")
EASINGS = EnumNames(Easing, style_pb2.Easing, "EASING_")
BEAT_BANDS = EnumNames(BeatBand, style_pb2.BeatBand, "BEAT_BAND_")
JOB_STATUSES = EnumNames(JobStatus, job_pb2.JobStatus, "JOB_STATUS_")
STAGES = EnumNames(Stage, job_pb2.Stage, "STAGE_")
QUALITIES = EnumNames(Quality, job_pb2.Quality, "QUALITY_")
JOB_MODES = EnumNames(JobMode, job_pb2.JobMode, "JOB_MODE_")
DIMENSIONS = EnumNames(Dimension, job_pb2.Dimension, "DIMENSION_")
DELIVERY_STATES = EnumNames(DeliveryState, webhook_service_pb2.DeliveryState, "DELIVERY_STATE_")
HEALTH_STATUSES = EnumNames(HealthStatus, health_service_pb2.HealthStatus, "HEALTH_STATUS_")

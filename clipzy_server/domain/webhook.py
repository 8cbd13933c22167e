"""Webhooks: one message a job that ended, and the tries to deliver it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DeliveryState(StrEnum):
    """pending → delivered | failed; sent again it is pending once more."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DeliveryAttempt:
    """One try: the HTTP status of the answer, or why none came."""

    at: datetime
    status: int | None
    error: str | None

    @property
    def is_success(self) -> bool:
        """Any 2xx; a redirect is none."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one address. The id travels as `webhook-id`, the same on every try."""

    delivery_id: str
    job_id: str
    url: str
    attempts: tuple[DeliveryAttempt, ...]
    state: DeliveryState

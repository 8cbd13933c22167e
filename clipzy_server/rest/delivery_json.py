"""Webhook deliveries as JSON."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from clipzy_server.domain.page import Page
from clipzy_server.domain.webhook import Delivery, DeliveryState


class DeliveryAttemptJson(BaseModel):
    """One try: the status of the answer, or why none came."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    status: int | None
    error: str | None


class DeliveryJson(BaseModel):
    """One message to one address."""

    model_config = ConfigDict(from_attributes=True)

    delivery_id: str
    job_id: str
    url: str
    attempts: tuple[DeliveryAttemptJson, ...]
    state: DeliveryState


class DeliveryPageJson(BaseModel):
    """One page of deliveries."""

    deliveries: tuple[DeliveryJson, ...]
    total: int
    page: int
    page_size: int


def delivery_json(delivery: Delivery) -> DeliveryJson:
    """The delivery in its published form."""
    return DeliveryJson.model_validate(delivery)


def delivery_page_json(page: Page[Delivery]) -> DeliveryPageJson:
    """The page in its published form."""
    deliveries = tuple(map(delivery_json, page.items))
    return DeliveryPageJson(deliveries=deliveries, total=page.total, page=page.page, page_size=page.page_size)

"""WebhookService: the log of webhooks."""

from typing import Any

from typing_extensions import override

from clipzy.v1 import webhook_service_pb2 as wire
from clipzy.v1.webhook_service_pb2_grpc import WebhookServiceServicer
from clipzy_server.api.enums import DELIVERY_STATES
from clipzy_server.api.fields import required
from clipzy_server.api.paging import page_request
from clipzy_server.api.times import timestamp
from clipzy_server.domain.webhook import Delivery, DeliveryAttempt
from clipzy_server.transport.call import current_owner
from clipzy_server.usecases.webhooks import Webhooks

Context = Any  # grpc.aio.ServicerContext, whose messages the published stubs leave untyped


class WebhookService(WebhookServiceServicer):
    """The calls of clipzy.v1.WebhookService on the use cases of webhooks."""

    def __init__(self, webhooks: Webhooks) -> None:
        self._webhooks = webhooks

    @override
    async def ListDeliveries(
        self, request: wire.ListDeliveriesRequest, context: Context
    ) -> wire.ListDeliveriesResponse:
        wanted = page_request(request.page, request.page_size)
        page = await self._webhooks.list(current_owner(), wanted, request.job_id or None)
        return wire.ListDeliveriesResponse(
            deliveries=map(_delivery_message, page.items), total=page.total, page=page.page, page_size=page.page_size
        )

    @override
    async def ResendDelivery(
        self, request: wire.ResendDeliveryRequest, context: Context
    ) -> wire.ResendDeliveryResponse:
        delivery_id = required(request.delivery_id, "delivery_id")
        delivery = await self._webhooks.resend(current_owner(), delivery_id)
        return wire.ResendDeliveryResponse(delivery=_delivery_message(delivery))


def _delivery_message(delivery: Delivery) -> wire.WebhookDelivery:
    return wire.WebhookDelivery(
        delivery_id=delivery.delivery_id,
        job_id=delivery.job_id,
        url=delivery.url,
        attempts=map(_attempt_message, delivery.attempts),
        state=DELIVERY_STATES.to_wire(delivery.state),
    )


def _attempt_message(attempt: DeliveryAttempt) -> wire.DeliveryAttempt:
    return wire.DeliveryAttempt(at=timestamp(attempt.at), status=attempt.status, error=attempt.error)

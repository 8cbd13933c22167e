"""The log of webhooks, and the check of what they bring."""

from collections.abc import AsyncIterator

from clipzy.v1 import webhook_service_pb2 as wire
from clipzy.v1 import webhook_service_pb2_grpc
from clipzy_client.aio.calls import AsyncCalls
from clipzy_client.convert import delivery_from
from clipzy_client.types import Delivery, Page
from clipzy_client.webhooks import verify


class AsyncWebhooks:
    """What one may do with webhooks."""

    verify = staticmethod(verify)

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls
        self._stub = webhook_service_pb2_grpc.WebhookServiceStub(calls.channel)  # type: ignore[no-untyped-call]

    async def page(self, page: int = 1, page_size: int = 10, job_id: str = "") -> Page[Delivery]:
        """One page of deliveries, newest first, of one job or of all."""
        request = wire.ListDeliveriesRequest(job_id=job_id, page=page, page_size=page_size)
        answer = await self._calls.answer(self._stub.ListDeliveries, request)
        return Page(tuple(map(delivery_from, answer.deliveries)), answer.total, answer.page, answer.page_size)

    def list(self, job_id: str = "") -> AsyncIterator[Delivery]:
        """All deliveries, newest first, of one job or of all."""

        async def page_of(page: int, page_size: int) -> Page[Delivery]:
            return await self.page(page, page_size, job_id)

        return self._calls.every(page_of, lambda delivery: delivery.delivery_id)

    async def resend(self, delivery_id: str) -> Delivery:
        """Sends a message again, now and with the same id; DeliveryNotFound."""
        request = wire.ResendDeliveryRequest(delivery_id=delivery_id)
        answer = await self._calls.answer(self._stub.ResendDelivery, request, repeatable=False)
        return delivery_from(answer.delivery)

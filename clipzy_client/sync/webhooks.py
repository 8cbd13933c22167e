"""The log of webhooks, and the check of what they bring."""

from collections.abc import Iterator

from clipzy.v1 import webhook_service_pb2 as wire
from clipzy.v1 import webhook_service_pb2_grpc
from clipzy_client.sync.calls import Calls
from clipzy_client.convert import delivery_from
from clipzy_client.types import Delivery, Page
from clipzy_client.webhooks import verify


class Webhooks:
    """What one may do with webhooks."""

    verify = staticmethod(verify)

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._stub = webhook_service_pb2_grpc.WebhookServiceStub(calls.channel)  # type: ignore[no-untyped-call]

    def page(self, page: int = 1, page_size: int = 10, job_id: str = "") -> Page[Delivery]:
        """One page of deliveries, newest first, of one job or of all."""
        request = wire.ListDeliveriesRequest(job_id=job_id, page=page, page_size=page_size)
        answer = self._calls.answer(self._stub.ListDeliveries, request)
        return Page(tuple(map(delivery_from, answer.deliveries)), answer.total, answer.page, answer.page_size)

    def list(self, job_id: str = "") -> Iterator[Delivery]:
        """All deliveries, newest first, of one job or of all."""

        def page_of(page: int, page_size: int) -> Page[Delivery]:
            return self.page(page, page_size, job_id)

        return self._calls.every(page_of, lambda delivery: delivery.delivery_id)

    def resend(self, delivery_id: str) -> Delivery:
        """Sends a message again, now and with the same id; DeliveryNotFound."""
        request = wire.ResendDeliveryRequest(delivery_id=delivery_id)
        answer = self._calls.answer(self._stub.ResendDelivery, request, repeatable=False)
        return delivery_from(answer.delivery)

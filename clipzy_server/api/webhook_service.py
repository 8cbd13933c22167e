"""WebhookService: the delivery log, not offered yet."""

from typing import Any

from typing_extensions import override

from clipzy.v1 import webhook_service_pb2 as wire
from clipzy.v1.webhook_service_pb2_grpc import WebhookServiceServicer
from clipzy_server.domain.errors import ClipzyError, ErrorCode

Context = Any  # grpc.aio.ServicerContext, whose messages the published stubs leave untyped


class WebhookService(WebhookServiceServicer):
    """The calls of clipzy.v1.WebhookService."""

    @override
    async def ListDeliveries(
        self, request: wire.ListDeliveriesRequest, context: Context
    ) -> wire.ListDeliveriesResponse:
        raise _not_yet()

    @override
    async def ResendDelivery(
        self, request: wire.ResendDeliveryRequest, context: Context
    ) -> wire.ResendDeliveryResponse:
        raise _not_yet()


def _not_yet() -> ClipzyError:
    return ClipzyError(ErrorCode.NOT_IMPLEMENTED, "Not implemented", "The delivery log is not offered here yet.")

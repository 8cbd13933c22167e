"""`/webhook-deliveries`."""

from google.api.httpbody_pb2 import HttpBody
from typing_extensions import override

from clipzy.rest.v1 import rest_pb2, rest_pb2_grpc
from clipzy_server.domain.errors import ErrorCode
from clipzy_server.rest.answer import success
from clipzy_server.rest.body import refuse_body
from clipzy_server.rest.delivery_json import DeliveryJson, DeliveryPageJson, delivery_json, delivery_page_json
from clipzy_server.rest.documented import data, documented
from clipzy_server.rest.exchange import Context
from clipzy_server.rest.parameters import JOB_ID, PAGING
from clipzy_server.rest.query import page_of, query_of
from clipzy_server.transport.call import current_owner
from clipzy_server.usecases.webhooks import Webhooks


class WebhookRoutes(rest_pb2_grpc.WebhookServiceServicer):
    """The log of webhooks."""

    def __init__(self, webhooks: Webhooks) -> None:
        self._webhooks = webhooks

    @documented(
        data(DeliveryPageJson, description="One page."), query=(JOB_ID, *PAGING), failures=(ErrorCode.JOB_NOT_FOUND,)
    )
    @override
    async def ListDeliveries(self, request: rest_pb2.RootRequest, context: Context) -> HttpBody:
        query = query_of(context, "job_id", "page", "page_size")
        page = await self._webhooks.list(current_owner(), page_of(query), query.get("job_id"))
        return success("Deliveries retrieved", delivery_page_json(page))

    @documented(
        data(DeliveryJson, description="The delivery as it stands: a try is due."),
        failures=(ErrorCode.DELIVERY_NOT_FOUND,),
    )
    @override
    async def ResendDelivery(self, request: rest_pb2.DeliveryRequest, context: Context) -> HttpBody:
        query_of(context)
        refuse_body(request.body)
        delivery = await self._webhooks.resend(current_owner(), request.delivery_id)
        return success("Delivery will be sent again", delivery_json(delivery))

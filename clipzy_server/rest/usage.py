"""`/usage`."""

from google.api.httpbody_pb2 import HttpBody
from typing_extensions import override

from clipzy.rest.v1 import rest_pb2, rest_pb2_grpc
from clipzy_server.rest.answer import success
from clipzy_server.rest.documented import data, documented
from clipzy_server.rest.exchange import Context
from clipzy_server.rest.query import query_of
from clipzy_server.rest.usage_json import UsageJson
from clipzy_server.transport.call import current_owner
from clipzy_server.usecases.quotas import Usages


class UsageRoutes(rest_pb2_grpc.UsageServiceServicer):
    """What the caller uses of its quotas."""

    def __init__(self, usages: Usages) -> None:
        self._usages = usages

    @documented(data(UsageJson, description="Limits and their use."))
    @override
    async def GetUsage(self, request: rest_pb2.RootRequest, context: Context) -> HttpBody:
        query_of(context)
        return success("Usage retrieved", UsageJson.model_validate(await self._usages.of(current_owner())))

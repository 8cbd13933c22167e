"""`/health`."""

from google.api.httpbody_pb2 import HttpBody
from typing_extensions import override

from clipzy.rest.v1 import rest_pb2, rest_pb2_grpc
from clipzy_server.domain.errors import ErrorCode, Unavailable
from clipzy_server.rest.answer import success
from clipzy_server.rest.documented import data, documented
from clipzy_server.rest.exchange import Context
from clipzy_server.rest.health_json import HealthJson
from clipzy_server.rest.query import query_of
from clipzy_server.usecases.health import Health


class HealthRoutes(rest_pb2_grpc.HealthServiceServicer):
    """Is the installation well?"""

    def __init__(self, health: Health) -> None:
        self._health = health

    @documented(data(HealthJson, description="The installation is well, or well enough."))
    @override
    async def CheckHealth(self, request: rest_pb2.RootRequest, context: Context) -> HttpBody:
        query_of(context)
        report = await self._health.check()
        if not report.is_ready:
            wrong = ", ".join(f"{name}: {state}" for name, state in report.dependencies.items() if state != "ok")
            raise Unavailable(ErrorCode.UNAVAILABLE, "Not ready", wrong)
        return success("API is healthy", HealthJson.model_validate(report))

"""HealthService: whether Clipzy works."""

from typing import Any

from typing_extensions import override

from clipzy.v1 import health_service_pb2 as wire
from clipzy.v1.health_service_pb2_grpc import HealthServiceServicer
from clipzy_server.api.enums import HEALTH_STATUSES
from clipzy_server.api.times import timestamp
from clipzy_server.domain.errors import ErrorCode, Unavailable
from clipzy_server.usecases.health import Health

Context = Any  # grpc.aio.ServicerContext, whose messages the published stubs leave untyped


class HealthService(HealthServiceServicer):
    """The call of clipzy.v1.HealthService."""

    def __init__(self, health: Health) -> None:
        self._health = health

    @override
    async def CheckHealth(self, request: wire.CheckHealthRequest, context: Context) -> wire.CheckHealthResponse:
        report = await self._health.check()
        if not report.is_ready:
            missing = ", ".join(f"{name}: {word}" for name, word in report.dependencies.items() if word != "ok")
            raise Unavailable(ErrorCode.UNAVAILABLE, "Not ready", missing)
        return wire.CheckHealthResponse(
            status=HEALTH_STATUSES.to_wire(report.status),
            version=report.version,
            timestamp=timestamp(report.timestamp),
            dependencies=report.dependencies,
        )

"""UsageService: what the caller uses of its quotas."""

from typing import Any

from typing_extensions import override

from clipzy.v1 import usage_service_pb2 as wire
from clipzy.v1.usage_service_pb2_grpc import UsageServiceServicer
from clipzy_server.domain.usage import Meter
from clipzy_server.transport.call import current_owner
from clipzy_server.usecases.quotas import Usages

Context = Any  # grpc.aio.ServicerContext, whose messages the published stubs leave untyped


class UsageService(UsageServiceServicer):
    """The call of clipzy.v1.UsageService."""

    def __init__(self, usages: Usages) -> None:
        self._usages = usages

    @override
    async def GetUsage(self, request: wire.GetUsageRequest, context: Context) -> wire.GetUsageResponse:
        usage = await self._usages.of(current_owner())
        return wire.GetUsageResponse(
            usage=wire.Usage(
                stored_bytes=_meter(usage.stored_bytes),
                active_jobs=_meter(usage.active_jobs),
                requests_per_minute=_meter(usage.requests_per_minute),
            )
        )


def _meter(meter: Meter) -> wire.Meter:
    return wire.Meter(used=meter.used, limit=meter.limit)

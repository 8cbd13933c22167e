"""One span per call, within the caller's trace where the call brings one (`traceparent`)."""

from collections.abc import Iterator
from contextlib import contextmanager

from grpc import StatusCode

from clipzy_server.domain.trace import SpanKind, Tracer, current_traceparent
from clipzy_server.transport.call import Call, status_of

_FAULTS = frozenset(
    {
        StatusCode.UNKNOWN,
        StatusCode.DEADLINE_EXCEEDED,
        StatusCode.UNIMPLEMENTED,
        StatusCode.INTERNAL,
        StatusCode.UNAVAILABLE,
        StatusCode.DATA_LOSS,
    }
)
"""The statuses that are a server's failure: https://opentelemetry.io/docs/specs/semconv/rpc/grpc/."""


@contextmanager
def traced(tracer: Tracer, call: Call) -> Iterator[None]:
    """Tell of the call when it has ended; what it makes meanwhile may name its span as the parent."""
    service, _, method = call.method.removeprefix("/").partition("/")
    offered = call.metadata.get("traceparent")
    with tracer.span(f"{service}/{method}", SpanKind.SERVER, offered if isinstance(offered, str) else None) as span:
        current_traceparent.set(span.traceparent)
        span.attributes |= {"rpc.system": "grpc", "rpc.service": service, "rpc.method": method}
        span.attributes["clipzy.request_id"] = call.request_id
        try:
            yield
        finally:
            status = status_of(call)
            number: int = status.value[0]
            span.attributes["rpc.grpc.status_code"] = number
            span.failure = status.name if status in _FAULTS else None

"""A collector of spans on a real socket: OTLP over gRPC, as every one speaks it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)


@dataclass(frozen=True)
class Told:
    """A span as it came; ids in hexadecimal, times in seconds."""

    name: str
    trace: str
    id: str
    parent: str
    kind: int
    seconds: float
    failure: str | None
    process: str
    attributes: dict[str, str | int]


@dataclass
class Collector:
    """What was told so far."""

    port: int = 0
    spans: list[Told] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def named(self, name: str) -> Told:
        """The only span of that name."""
        (found,) = (span for span in self.spans if span.name == name)
        return found


class _Service(TraceServiceServicer):
    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    def Export(self, request: ExportTraceServiceRequest, context: object) -> ExportTraceServiceResponse:  # noqa: N802
        for resource in request.resource_spans:
            process = _plain(resource.resource.attributes)["service.name"]
            for scope in resource.scope_spans:
                self._collector.spans += [_told(span, str(process)) for span in scope.spans]
        return ExportTraceServiceResponse()


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on a free port of the loopback."""
    collector, server = Collector(), grpc.server(ThreadPoolExecutor(2))
    add_TraceServiceServicer_to_server(_Service(collector), server)
    collector.port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield collector
    finally:
        server.stop(None).wait()


def _told(span, process: str) -> Told:
    return Told(
        span.name,
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        span.kind,
        (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
        span.status.message if span.status.code == span.status.STATUS_CODE_ERROR else None,
        process,
        _plain(span.attributes),
    )


def _plain(attributes) -> dict[str, str | int]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in attributes}

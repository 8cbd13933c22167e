"""Spans to a collector over OTLP and gRPC. OpenTelemetry reads its own other variables (`OTEL_…`) itself.

Spans wait in memory and leave in batches on a thread of their own; where the collector is away too long they are
dropped, and the work goes on.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind as OtelKind
from opentelemetry.trace import StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from clipzy_server import __version__
from clipzy_server.domain.trace import Span, SpanKind

_KINDS = {SpanKind.SERVER: OtelKind.SERVER, SpanKind.INTERNAL: OtelKind.INTERNAL, SpanKind.CLIENT: OtelKind.CLIENT}
_W3C = TraceContextTextMapPropagator()
_HEADER = "traceparent"


class OtlpTracer:
    """Tells the collector at `endpoint`, `http://host:4317` or, with TLS, `https://…`."""

    is_on = True

    def __init__(self, endpoint: str, process: str) -> None:
        told = Resource.create({"service.name": f"clipzy-{process}", "service.version": __version__})
        # What the operator says of this process counts more than what we do.
        self._provider = TracerProvider(resource=told.merge(OTELResourceDetector().detect()), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint)))
        self._tracer = self._provider.get_tracer("clipzy", __version__)

    def close(self) -> None:
        """Send what waits. Blocks while the collector does not answer."""
        self._provider.shutdown()

    @contextmanager
    def span(self, name: str, kind: SpanKind, parent: str | None, begun_at: datetime | None = None) -> Iterator[Span]:
        """A span that ends with the block; a parent that makes no sense counts as none."""
        if parent is None and kind is not SpanKind.SERVER:
            yield Span()
            return
        start_ns = int(begun_at.timestamp() * 1e9) if begun_at else None
        context = _W3C.extract({_HEADER: parent} if parent else {})
        real = self._tracer.start_span(name, context, _KINDS[kind], start_time=start_ns)
        carrier: dict[str, str] = {}
        _W3C.inject(carrier, set_span_in_context(real))
        span = Span(carrier.get(_HEADER))
        try:
            yield span
        except asyncio.CancelledError:
            span.attributes["clipzy.cancelled"] = "true"
            raise
        finally:
            real.set_attributes(span.attributes)
            if span.failure is not None:
                real.set_status(StatusCode.ERROR, span.failure)
            real.end()

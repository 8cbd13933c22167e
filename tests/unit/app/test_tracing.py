import asyncio
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest

from clipzy_server.app.tracing import tracing
from clipzy_server.domain.trace import SpanKind
from tests.collectors import collecting

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
OTLP_PATIENCE_S = 4
PARENT = f"00-{TRACE}-{CALLER}-01"


async def test_spans_lie_within_the_caller_s_trace_and_within_each_other() -> None:
    with collecting() as collector:
        async with tracing(collector.address, "serve") as tracer:
            assert tracer.is_on
            with tracer.span("outer", SpanKind.SERVER, PARENT) as outer:
                outer.attributes["number"] = 3
                with tracer.span("inner", SpanKind.INTERNAL, outer.traceparent):
                    pass
        outer_span, inner_span = collector.named("outer"), collector.named("inner")
    assert (outer_span.trace, outer_span.parent, outer_span.attributes) == (TRACE, CALLER, {"number": 3})
    assert (inner_span.trace, inner_span.parent) == (TRACE, outer_span.id)
    assert outer_span.process == "clipzy-serve"


@pytest.mark.parametrize("offered", [None, "", "nonsense", f"00-{'0' * 32}-{CALLER}-01"])
async def test_a_call_without_a_trace_begins_one_and_anything_else_tells_nobody(offered) -> None:
    with collecting() as collector:
        async with tracing(collector.address, "test") as tracer:
            with tracer.span("call", SpanKind.SERVER, offered) as call:
                assert call.traceparent
            with tracer.span("work", SpanKind.INTERNAL, None) as work:
                assert work.traceparent is None
        (span,) = collector.spans
    assert (span.name, span.parent) == ("call", "")
    assert span.trace not in ("0" * 32, TRACE)


async def test_a_trace_that_its_caller_does_not_record_is_not_told() -> None:
    with collecting() as collector:
        async with tracing(collector.address, "test") as tracer:
            with tracer.span("call", SpanKind.SERVER, f"00-{TRACE}-{CALLER}-00") as call:
                assert call.traceparent.startswith(f"00-{TRACE}-")
                assert call.traceparent.endswith("-00")
        assert collector.spans == []


async def test_what_failed_what_was_cancelled_and_what_began_before_are_told_as_such() -> None:
    with collecting() as collector:
        async with tracing(collector.address, "test") as tracer:
            with tracer.span("failed", SpanKind.INTERNAL, PARENT) as span:
                span.failure = "RENDER_FAILED"
            with pytest.raises(asyncio.CancelledError), tracer.span("cancelled", SpanKind.INTERNAL, PARENT):
                raise asyncio.CancelledError
            with tracer.span("waited", SpanKind.INTERNAL, PARENT, datetime.now(UTC) - timedelta(seconds=60)):
                pass
        assert collector.named("failed").failure == "RENDER_FAILED"
        assert collector.named("cancelled").attributes == {"clipzy.cancelled": "true"}
        assert collector.named("cancelled").failure is None
        assert 60 <= collector.named("waited").seconds < 120


async def test_the_operator_s_own_name_of_a_process_counts(monkeypatch) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "films")
    with collecting() as collector:
        async with tracing(collector.address, "serve") as tracer:
            with tracer.span("call", SpanKind.SERVER, None):
                pass
        assert collector.named("call").process == "films"


async def test_a_collector_that_is_away_holds_up_nobody(monkeypatch) -> None:
    # How long OpenTelemetry tries to be rid of a batch, in a thread that no other test shall meet.
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", str(OTLP_PATIENCE_S))
    async with asyncio.timeout(OTLP_PATIENCE_S / 2), tracing("http://127.0.0.1:9", "test") as tracer:
        with tracer.span("call", SpanKind.SERVER, None):
            pass
    (leaving,) = (thread for thread in threading.enumerate() if thread.name == "clipzy-last-spans")
    await asyncio.to_thread(leaving.join)


async def test_without_an_endpoint_nobody_is_told() -> None:
    async with tracing(None, "test") as tracer:
        assert not tracer.is_on
        with tracer.span("call", SpanKind.SERVER, PARENT) as span:
            assert span.traceparent is None


def test_whoever_asks_for_no_traces_does_not_pay_for_their_import() -> None:
    program = (
        "import sys, clipzy_server.app.serve, clipzy_server.app.work, dbos\n"
        "sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0

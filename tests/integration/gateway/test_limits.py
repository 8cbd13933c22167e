"""Where the gateway stops: rates, connections, times, memory. What a test cannot wait for is shortened."""

import asyncio
import struct
from pathlib import Path

import grpc
import grpc.aio
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status as RpcStatus

from clipzy_server.app.gateway import EdgeLimits, admin_answer
from tests import frames
from tests.gateways import gateway

HEAP_MONITOR = "envoy.resource_monitors.fixed_heap"
INJECTED_MONITOR = "envoy.resource_monitors.injected_resource"


def connection_manager(config):
    return config["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]


async def refusal(channel, metadata=(), timeout_s=None):
    """The status of a native call that is refused, and the code of its one ErrorInfo."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await channel.unary_unary("/clipzy.v1.JobService/GetJob")(b"job_hang", metadata=metadata, timeout=timeout_s)
    trailers = dict(caught.value.trailing_metadata())
    (detail,) = RpcStatus.FromString(trailers["grpc-status-details-bin"]).details
    info = ErrorInfo()
    assert detail.Unpack(info)
    assert info.domain == "clipzy"
    assert trailers["x-request-id"]
    return caught.value, info.reason


@pytest.fixture(scope="module")
async def small(upstream):
    """A gateway behind one proxy, for few callers."""
    limits = EdgeLimits(requests_per_second=3, connections=8, trusted_proxies=1)
    async with gateway(upstream, limits=limits) as running:
        yield running


async def test_each_address_has_a_rate_of_its_own(small, calling, refused):
    async with calling(small) as http:
        answers = [await http.get("/jobs", headers={"x-forwarded-for": "192.0.2.1"}) for _ in range(30)]
        other = await http.get("/jobs", headers={"x-forwarded-for": "192.0.2.2"})
    limited = [answer for answer in answers if answer.status_code != 200]
    assert answers[0].status_code == other.status_code == 200
    refused(limited[0], 429, "RATE_LIMITED")
    assert int(limited[0].headers["retry-after"]) >= 1


async def test_a_native_call_over_the_rate_is_told_in_grpcs_own_form(small):
    async with grpc.aio.insecure_channel(f"127.0.0.1:{small.port}") as channel:
        call = channel.unary_unary("/clipzy.v1.JobService/GetJob")
        address = (("x-forwarded-for", "192.0.2.3"),)
        for _ in range(3):
            await call(b"", metadata=address)
        error, reason = await refusal(channel, address)
    assert (error.code(), reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "RATE_LIMITED")
    assert dict(error.trailing_metadata())["retry-after"] == "1"


async def test_connections_over_the_limit_are_closed(upstream):
    async with gateway(upstream, limits=EdgeLimits(connections=2)) as tiny:
        held = [await asyncio.open_connection("127.0.0.1", tiny.port) for _ in range(2)]
        for reader, writer in held:
            writer.write(b"GET /api/v1/nothing HTTP/1.1\r\nhost: x\r\n\r\n")
            assert (await reader.readline()).startswith(b"HTTP/1.1 404 ")
        reader, writer = await asyncio.open_connection("127.0.0.1", tiny.port)
        assert await reader.read() == b""
        for _, held_writer in (*held, (reader, writer)):
            held_writer.close()


@pytest.fixture(scope="module")
async def hasty(upstream):
    """A gateway whose patience is short."""

    def shorten(config):
        manager = connection_manager(config)
        manager["request_headers_timeout"] = "0.2s"
        manager["stream_idle_timeout"] = "0.2s"
        for host in manager["route_config"]["virtual_hosts"]:
            for route in host["routes"]:
                action = route.get("route", {})
                if "max_stream_duration" in action and "max_stream_duration" in action["max_stream_duration"]:
                    action["max_stream_duration"]["max_stream_duration"] = "1s"
                    action["retry_policy"]["per_try_timeout"] = "0.2s"

    async with gateway(upstream, shorten) as running:
        yield running


async def test_headers_that_never_end_are_given_up(hasty):
    answer = await hasty.raw(b"GET /api/v1/jobs HTTP/1.1\r\nhost: x\r\nx-slow: ")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"DEADLINE_EXCEEDED"' in answer
    assert b"x-request-id: " in answer


async def test_a_body_that_stalls_is_given_up(hasty):
    head = b"POST /api/v1/jobs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"
    answer = await hasty.raw(head)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"DEADLINE_EXCEEDED"' in answer


async def test_a_body_that_only_trickles_is_given_up(hasty):
    reader, writer = await asyncio.open_connection("127.0.0.1", hasty.port)
    writer.write(
        b"POST /api/v1/jobs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    answer = asyncio.ensure_future(reader.readline())
    while not answer.done():
        writer.write(b"1\r\n \r\n")
        await asyncio.wait([answer], timeout=0.05)
    writer.close()
    assert (await answer).startswith(b"HTTP/1.1 408 ")


async def test_a_server_that_does_not_answer_is_given_up(hasty, calling, refused):
    async with calling(hasty) as http:
        refused(await http.get("/jobs/job_hang"), 504, "DEADLINE_EXCEEDED")


async def test_a_native_callers_deadline_is_kept(hasty):
    async with grpc.aio.insecure_channel(f"127.0.0.1:{hasty.port}") as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_unary("/clipzy.v1.JobService/GetJob")(b"job_hang", timeout=0.2)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_without_a_server_everybody_is_told_to_come_again(tmp_path, calling, refused):
    async with gateway(f"unix:{tmp_path}/nobody") as alone, calling(alone) as http:
        answer = await http.post("/jobs", json={})
        refused(answer, 503, "UNAVAILABLE")
        assert answer.headers["retry-after"] == "1"
        async with grpc.aio.insecure_channel(f"127.0.0.1:{alone.port}") as channel:
            error, reason = await refusal(channel)
    assert (error.code(), reason, error.details()) == (
        grpc.StatusCode.UNAVAILABLE,
        "UNAVAILABLE",
        "Service unavailable",
    )
    assert "nobody" not in f"{answer.text} {error.trailing_metadata()}"


def press(config, pressure: Path):
    """Puts a number in a file in the place of the heap."""
    overload = config["overload_manager"]
    overload["refresh_interval"] = "0.01s"
    kind = "envoy.extensions.resource_monitors.injected_resource.v3.InjectedResourceConfig"
    injected = {"@type": f"type.googleapis.com/{kind}", "filename": str(pressure)}
    overload["resource_monitors"][0] = {"name": INJECTED_MONITOR, "typed_config": injected}
    for action in overload["actions"]:
        for trigger in action["triggers"]:
            trigger["name"] = trigger["name"].replace(HEAP_MONITOR, INJECTED_MONITOR)


async def test_a_gateway_short_of_memory_sheds_load_and_recovers(upstream, tmp_path, calling, refused):
    pressure = tmp_path / "pressure"
    pressure.write_text("0.985")
    async with gateway(upstream, lambda config: press(config, pressure)) as pressed, calling(pressed) as http:
        while (answer := await http.get("/jobs")).status_code == 200:
            pass
        refused(answer, 503, "UNAVAILABLE")
        assert answer.headers["connection"] == "close"
        relief = tmp_path / "relief"
        relief.write_text("0.1")
        relief.rename(pressure)
        while (answer := await http.get("/jobs")).status_code == 503:
            pass
    assert answer.status_code == 200


async def test_what_http2_may_do_is_announced(edge):
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    writer.write(frames.opening())
    first = await frames.read_frame(reader)
    writer.close()
    assert first.kind == frames.SETTINGS
    settings = frames.settings_of(first.payload)
    assert settings[frames.MAX_CONCURRENT_STREAMS] == 100
    assert settings[frames.INITIAL_WINDOW_SIZE] == 1024 * 1024


async def test_a_flood_of_resets_ends_the_connection_and_harms_nobody_else(edge, http):
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    flood = [frames.opening()]
    for n in range(1000):
        stream = 2 * n + 1
        flood += [frames.get(stream, "/api/v1/jobs"), frames.frame(frames.RESET, 0, stream, struct.pack(">I", 8))]
    writer.write(b"".join(flood))
    while await frames.read_frame(reader) is not None:
        pass
    writer.close()
    stats = await admin_answer(edge.admin_socket, "/stats?filter=too_many_premature_resets")
    assert stats.strip().endswith(b": 1")
    assert (await http.get("/jobs")).status_code == 200

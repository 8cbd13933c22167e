"""Envoy's own checklist for edge proxies, item by item, on the rendered configuration. `docs/edge.md` has the same."""

from functools import cache
from pathlib import Path

import pytest
import yaml

from clipzy_server.app.gateway import EdgeLimits, GatewaySettings, TlsFiles, render_gateway_config

DOCUMENT = (Path(__file__).parents[3] / "docs" / "edge.md").read_text()
KIB, MIB = 1024, 1024 * 1024

LIMITS = EdgeLimits(requests_per_second=77, connections=555, heap_bytes=MIB * 333, trusted_proxies=2)
TLS = TlsFiles(Path("/etc/clipzy/cert.pem"), Path("/etc/clipzy/key.pem"))


@cache
def rendered(**changes):
    """The configuration, parsed; the console within it is long."""
    settings = {"upstream": "serve:50051", "admin_socket": Path("/run/clipzy/admin"), "limits": LIMITS, "tls": TLS}
    return yaml.load(render_gateway_config(GatewaySettings(**settings | changes)), yaml.CSafeLoader)


def named(entries, name):
    return next(entry for entry in entries if entry["name"].endswith(name))


def dig(tree, path):
    """The value at a path of keys; `[name]` takes the entry of a list whose name ends so, a number the entry itself."""
    for key in path.split("/"):
        by_name = key.startswith("[")
        tree = named(tree, key.strip("[]")) if by_name else tree[int(key) if key.isdecimal() else key]
    return tree


LISTENER = "static_resources/listeners/0"
CHAIN = f"{LISTENER}/filter_chains/0"
MANAGER = f"{CHAIN}/filters/0/typed_config"
HTTP2 = f"{MANAGER}/http2_protocol_options"
CLUSTER = "static_resources/clusters/0"
RUNTIME = "layered_runtime/layers/0/static_layer"
ACTIONS = "overload_manager/actions"
TLS_CONTEXT = f"{CHAIN}/transport_socket/typed_config/common_tls_context"
RATE = f"{MANAGER}/http_filters/[local_ratelimit]/typed_config"


def threshold(action):
    return f"{ACTIONS}/[{action}]/triggers/0/threshold/value"


def scaled(action):
    return f"{ACTIONS}/[{action}]/triggers/0/scaled"


CHECKLIST = [
    ("restricted administration", "admin/address/pipe", {"path": "/run/clipzy/admin", "mode": 0o600}),
    ("heap monitor", "overload_manager/resource_monitors/[fixed_heap]/typed_config/max_heap_size_bytes", MIB * 333),
    ("reduce timeouts", scaled("reduce_timeouts"), {"scaling_threshold": 0.8, "saturation_threshold": 0.95}),
    ("reset the largest", scaled("high_memory_stream"), {"scaling_threshold": 0.9, "saturation_threshold": 0.98}),
    ("reset the largest", "overload_manager/buffer_factory_config/minimum_account_to_track_power_of_two", 20),
    ("end keep-alive", threshold("disable_http_keepalive"), 0.9),
    ("shrink the heap", threshold("shrink_heap"), 0.95),
    ("stop accepting requests", threshold("stop_accepting_requests"), 0.98),
    ("stop accepting connections", threshold("stop_accepting_connections"), 0.99),
    (
        "global connection limit",
        "overload_manager/resource_monitors/[max_connections]/typed_config/max_active_downstream_connections",
        555,
    ),
    ("listener connection limit", f"{RUNTIME}/envoy.resource_limits.listener.clipzy.connection_limit", 555),
    ("listener buffer", f"{LISTENER}/per_connection_buffer_limit_bytes", MIB),
    ("cluster buffer", f"{CLUSTER}/per_connection_buffer_limit_bytes", 32 * KIB),
    ("use_remote_address", f"{MANAGER}/use_remote_address", True),
    ("trusted proxies", f"{MANAGER}/xff_num_trusted_hops", 2),
    ("idle connections", f"{MANAGER}/common_http_protocol_options/idle_timeout", "600s"),
    ("idle streams", f"{MANAGER}/stream_idle_timeout", "60s"),
    ("request headers in time", f"{MANAGER}/request_headers_timeout", "10s"),
    ("answers flushed in time", f"{MANAGER}/stream_flush_timeout", "60s"),
    ("longest stream", f"{MANAGER}/common_http_protocol_options/max_stream_duration", "86400s"),
    ("TLS handshake in time", f"{CHAIN}/transport_socket_connect_timeout", "10s"),
    ("upstream connect in time", f"{CLUSTER}/connect_timeout", "2s"),
    ("concurrent streams", f"{HTTP2}/max_concurrent_streams", 100),
    ("stream window", f"{HTTP2}/initial_stream_window_size", MIB),
    ("connection window", f"{HTTP2}/initial_connection_window_size", 4 * MIB),
    ("outbound frames", f"{HTTP2}/max_outbound_frames", 10_000),
    ("outbound control frames", f"{HTTP2}/max_outbound_control_frames", 1000),
    ("empty frames", f"{HTTP2}/max_consecutive_inbound_frames_with_empty_payload", 1),
    ("priority frames", f"{HTTP2}/max_inbound_priority_frames_per_stream", 100),
    ("window updates", f"{HTTP2}/max_inbound_window_update_frames_per_data_frame_sent", 10),
    ("reset flood", f"{HTTP2}/stream_reset_burst", 200),
    ("reset flood", f"{HTTP2}/stream_reset_rate", 20),
    ("reset flood", f"{RUNTIME}/overload.premature_reset_total_stream_count", 500),
    ("reset flood", f"{RUNTIME}/overload.premature_reset_min_stream_lifetime_seconds", 1),
    ("turns within a connection", f"{RUNTIME}/http.max_requests_per_io_cycle", 10),
    (
        "headers with underscores",
        f"{MANAGER}/common_http_protocol_options/headers_with_underscores_action",
        "REJECT_REQUEST",
    ),
    ("size of headers", f"{MANAGER}/max_request_headers_kb", 32),
    ("number of headers", f"{MANAGER}/common_http_protocol_options/max_headers_count", 100),
    ("paths as sent", f"{MANAGER}/normalize_path", False),
    ("paths as sent", f"{MANAGER}/path_with_escaped_slashes_action", "KEEP_UNCHANGED"),
    ("merged slashes", f"{MANAGER}/merge_slashes", True),
    ("server header", f"{MANAGER}/server_name", "clipzy"),
    ("request id", f"{MANAGER}/preserve_external_request_id", True),
    ("request id", f"{MANAGER}/always_set_request_id_in_response", True),
    ("TLS", f"{TLS_CONTEXT}/tls_params/tls_minimum_protocol_version", "TLSv1_2"),
    ("TLS", f"{TLS_CONTEXT}/alpn_protocols", ["h2", "http/1.1"]),
    ("TLS", f"{TLS_CONTEXT}/tls_certificates/0/certificate_chain/filename", "/etc/clipzy/cert.pem"),
    ("TLS", f"{TLS_CONTEXT}/tls_certificates/0/private_key/filename", "/etc/clipzy/key.pem"),
    ("circuit breaker", f"{CLUSTER}/circuit_breakers/thresholds/0/max_requests", 555),
    ("circuit breaker", f"{CLUSTER}/circuit_breakers/thresholds/0/max_pending_requests", 1024),
    ("retry budget", f"{CLUSTER}/circuit_breakers/thresholds/0/retry_budget/budget_percent/value", 20),
    ("rate limit", f"{RATE}/descriptors/0/token_bucket/tokens_per_fill", 77),
    ("rate limit", f"{RATE}/rate_limits", [{"actions": [{"remote_address": {}}]}]),
    ("rate limit", f"{RATE}/enable_retry_after_header", True),
    ("quiet about itself", f"{MANAGER}/http_filters/[router]/typed_config/suppress_envoy_headers", True),
]


@pytest.mark.parametrize(("item", "where", "value"), CHECKLIST)
def test_an_item_of_the_checklist_is_in_its_place(item, where, value):
    assert dig(rendered(), where) == value


@pytest.mark.parametrize("item", sorted({item for item, _, _ in CHECKLIST}))
def test_an_item_of_the_checklist_is_documented(item):
    assert f"| {item} |" in DOCUMENT


def routes(config):
    return [route for host in dig(config, MANAGER)["route_config"]["virtual_hosts"] for route in host["routes"]]


def test_every_route_that_leads_to_the_server_has_a_limit_of_time():
    leading = [route for route in routes(rendered()) if "route" in route]
    for route in leading[1:]:  # the first one is for preflights, which the cors filter answers
        action = route["route"]
        bounded = "max_stream_duration" in action.get("max_stream_duration", {})
        assert bounded or "idle_timeout" in action, route["match"]
        assert not (bounded and "timeout" in action), "max_stream_duration puts timeout out of force"


def test_no_rate_is_no_limit():
    unlimited = dig(rendered(limits=EdgeLimits(requests_per_second=0)), RATE)
    assert unlimited["filter_enabled"]["default_value"]["numerator"] == 0


def test_without_a_certificate_the_port_speaks_plain_text():
    assert dig(rendered(tls=None), f"{CHAIN}/transport_socket/name") == "envoy.transport_sockets.raw_buffer"


def test_the_log_names_neither_headers_of_callers_nor_queries():
    (log,) = dig(rendered(), f"{MANAGER}/access_log")
    fields = log["typed_config"]["log_format"]["json_format"]
    told = " ".join(fields.values())
    assert "AUTHORIZATION" not in told.upper()
    assert "%PATH(NQ:ORIG)%" in fields["path"]
    assert set(fields) >= {"time", "method", "path", "status", "duration_ms", "request_id", "client"}

import asyncio
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from clipzy_server.app.gateway import (
    EdgeLimits,
    GatewaySettings,
    Listen,
    TlsFiles,
    end_gateways,
    gateway_command,
    gateway_settings,
    is_ready,
    listening_port,
    render_gateway_config,
)
from clipzy_server.app.settings import MIB, Settings


def parsed(config):
    return yaml.load(config, yaml.CSafeLoader)


def settings(**changes):
    return GatewaySettings(
        **{"upstream": "unix:/run/clipzy/serve", "admin_socket": Path("/run/clipzy/admin")} | changes
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"listen": Listen("127.0.0.1", 0)},
        {
            "upstream": "serve:50051",
            "listen": Listen("0.0.0.0", 8000),
            "cors_origins": ("https://a.example", "http://b:3000"),
        },
    ],
)
def test_envoy_accepts_the_configuration(tmp_path, changes):
    config = tmp_path / "envoy.yaml"
    config.write_text(render_gateway_config(settings(access_log=tmp_path / "log", **changes)))
    checked = subprocess.run(
        [*gateway_command(config), "--mode", "validate"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


def test_one_machine_and_many_differ_in_the_upstream_only():
    embedded = parsed(render_gateway_config(settings()))
    apart = parsed(render_gateway_config(settings(upstream="[::1]:50051")))
    for config, discovery, address in (
        (embedded, "STATIC", {"pipe": {"path": "/run/clipzy/serve"}}),
        (apart, "STRICT_DNS", {"socket_address": {"address": "::1", "port_value": 50051}}),
    ):
        cluster = config["static_resources"]["clusters"][0]
        assert cluster.pop("type") == discovery
        (locality,) = cluster.pop("load_assignment")["endpoints"]
        assert locality["lb_endpoints"][0]["endpoint"]["address"] == address
    assert embedded == apart


def test_a_value_cannot_break_out_of_its_place():
    config = parsed(render_gateway_config(settings(access_log=Path('/x"\n  evil: "'))))
    assert "evil" not in config["static_resources"]["listeners"][0]


@pytest.mark.parametrize(
    ("origins", "pattern"), [(("*",), ".*"), (("https://a.example",), "https://a\\.example"), (("a", "*"), ".*")]
)
def test_origins_are_matched_as_they_stand(origins, pattern):
    config = render_gateway_config(settings(cors_origins=origins))
    assert parsed(config)["static_resources"]["listeners"]
    assert pattern.replace("\\", "\\\\") in config


@pytest.mark.parametrize("upstream", ["serve", "serve:", "serve:http", ""])
def test_an_upstream_that_is_no_address_is_refused(upstream):
    with pytest.raises(ValueError, match="upstream"):
        render_gateway_config(settings(upstream=upstream))


async def test_a_gateway_that_is_not_there_is_not_ready(tmp_path):
    assert not await is_ready(tmp_path / "none")
    with pytest.raises(OSError, match="No such file"):
        await listening_port(tmp_path / "none")


async def test_a_gateway_that_hangs_up_is_not_ready(tmp_path):
    async def hang_up(_reader, writer):
        writer.close()

    async with await asyncio.start_unix_server(hang_up, tmp_path / "admin"):
        assert not await is_ready(tmp_path / "admin")


def edge_of(**changes):
    return gateway_settings(Settings(**changes), "unix:/serve", Path("/run"), Listen("0.0.0.0", 8000))


def test_the_settings_of_the_installation_reach_the_gateway():
    edge = edge_of(
        rate_limit_per_second=7,
        max_connections=9,
        gateway_memory_mb=256,
        trusted_proxies=1,
        max_file_size_mb=3,
        cors_origins=("https://a.example",),
        tls_cert=Path("/c.pem"),
        tls_key=Path("/k.pem"),
    )
    assert edge.limits == EdgeLimits(7, 9, 256 * MIB, 1)
    assert (edge.max_file_bytes, edge.cors_origins) == (3 * MIB, ("https://a.example",))
    assert edge.tls == TlsFiles(Path("/c.pem"), Path("/k.pem"))
    assert edge_of().tls is None


def test_there_are_never_more_connections_than_half_of_the_open_files():
    most = edge_of(max_connections=500_000).limits.connections
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft == min(1_000_000, hard)
    assert most == soft // 2


def test_only_what_runs_on_this_configuration_is_ended(tmp_path):
    ours, other = tmp_path / "envoy.yaml", tmp_path / "other.yaml"
    ours.touch()
    other.touch()
    waiting = [sys.executable, "-c", "import time; time.sleep(60)", "--config-path"]
    processes = [subprocess.Popen([*waiting, str(config)]) for config in (ours, other, tmp_path / "gone.yaml")]
    try:
        processes[0].send_signal(signal.SIGSTOP)
        end_gateways(ours)
        end_gateways(tmp_path / "gone.yaml")
        assert processes[0].wait(timeout=10) == -signal.SIGKILL
        assert [process.poll() for process in processes[1:]] == [None, None]
    finally:
        for process in processes:
            process.kill()
            process.wait()

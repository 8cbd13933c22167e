"""What one job, and a list of them, costs to read, part by part, beside the bytes of one from a bare server.

Both stand behind the same gateway: what the bare server costs is the price of gRPC and Envoy, the rest is ours (token,
query, JSON, log). Processor microseconds, so that a busy machine matters little; medians of rounds in turn.
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc.aio
import psutil
from google.api.httpbody_pb2 import HttpBody

from clipzy.rest.v1 import rest_pb2_grpc
from clipzy_server.app.folder import DataFolder
from clipzy_server.app.gateway import (
    GatewaySettings,
    Listen,
    gateway_command,
    is_ready,
    listening_port,
    render_gateway_config,
)
from demo.__main__ import data_of, running_clipzy, upload
from demo.clips import make_template

CONNECTIONS, READS, ROUNDS, JOBS = 16, 3000, 9, 10
PORT = 18190


@dataclass(frozen=True)
class Part:
    """Processes of one kind; `cpu_s` is what they have used so far."""

    name: str
    processes: Callable[[], list[psutil.Process]]

    def cpu_s(self) -> float:
        """Processor seconds, user and system."""
        return sum(sum(process.cpu_times()[:2]) for process in self.processes())


@dataclass(frozen=True)
class Stack:
    """What is read, where, and by whom it is served."""

    name: str
    port: int
    path: str
    parts: tuple[Part, ...]


class BareJobs(rest_pb2_grpc.JobServiceServicer):
    """Answers every GetJob with the same bytes."""

    def __init__(self, answer: bytes) -> None:
        self._answer = HttpBody(content_type="application/json", data=answer)

    async def GetJob(self, request: object, context: object) -> HttpBody:  # noqa: N802 - gRPC's name
        """The bytes."""
        return self._answer


async def serve_bare(address: str, answer: bytes) -> None:
    """Until killed."""
    server = grpc.aio.server()
    rest_pb2_grpc.add_JobServiceServicer_to_server(BareJobs(answer), server)
    server.add_insecure_port(address)
    await server.start()
    await server.wait_for_termination()


@contextmanager
def bare_stack(folder: Path, answer: bytes) -> Iterator[tuple[int, tuple[Part, ...]]]:
    """The bare server behind a gateway of its own: its port, and its parts."""
    (folder / "answer").write_bytes(answer)
    address = f"unix:{folder}/sock"
    settings = GatewaySettings(address, folder / "admin", Listen("127.0.0.1", 0), access_log=folder / "access.log")
    (folder / "envoy.yaml").write_text(render_gateway_config(settings))
    bare = subprocess.Popen([sys.executable, "-m", "benchmarks.reads", address, str(folder / "answer")])
    edge = subprocess.Popen(gateway_command(folder / "envoy.yaml"), stderr=subprocess.DEVNULL)
    try:
        yield asyncio.run(_port(folder)), (_of("gateway", edge.pid), _of("server", bare.pid))
    finally:
        for process in (edge, bare):
            process.kill()
            process.wait()


async def _port(folder: Path) -> int:
    """The gateway's port, once it and the server behind it listen."""
    while True:
        if (folder / "sock").exists() and await is_ready(folder / "admin"):
            return await listening_port(folder / "admin")
        await asyncio.sleep(0.05)


def _of(name: str, pid: int) -> Part:
    return Part(name, lambda: [psutil.Process(pid)])


def clipzy_parts(data_dir: Path) -> tuple[Part, ...]:
    """The parts of the running Clipzy that a read passes through."""
    runtime, family = DataFolder(data_dir).runtime, psutil.Process().children(recursive=True)

    def pid_of(*words: str) -> int:
        return next(p.pid for p in family if all(any(word in part for part in p.cmdline()) for word in words))

    postgres = psutil.Process(pid_of("postgres", str(data_dir / "postgres")))
    return (
        _of("gateway", pid_of("envoy", f"{runtime}/envoy.yaml")),
        _of("server", pid_of("serve", f"unix:{runtime}/serve.sock")),
        Part("postgres", postgres.children),
    )


async def read(port: int, path: str, token: str) -> None:
    """`READS` requests over `CONNECTIONS` kept connections."""
    request = f"GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: {token}\r\n\r\n".encode()

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(READS // CONNECTIONS):
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            assert b" 200 " in head, head
            await reader.readexactly(int(head.partition(b"content-length: ")[2].split(b"\r", 1)[0]))
        writer.close()

    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))


def measured(stack: Stack, token: str) -> list[float]:
    """Processor microseconds of each part for one read."""
    before = [part.cpu_s() for part in stack.parts]
    asyncio.run(read(stack.port, stack.path, token))
    return [(part.cpu_s() - was) / READS * 1e6 for part, was in zip(stack.parts, before, strict=True)]


def main() -> None:
    """Prints a row for each part and the ratio of the sums."""
    with tempfile.TemporaryDirectory(prefix="clipzy") as scratch:
        folder = Path(scratch)
        make_template(folder / "clip.mp4")
        (folder / "bare").mkdir()
        with running_clipzy(folder / "data", PORT) as client:
            video_id = upload(client, folder / "clip.mp4")
            for _ in range(JOBS):
                job_id = data_of(client.post("/jobs", json={"video_id": video_id}))["job_id"]
                client.post(f"/jobs/{job_id}/cancel")
            path, token = f"/api/v1/jobs/{job_id}", client.headers["authorization"]
            with bare_stack(folder / "bare", client.get(f"/jobs/{job_id}").content) as (bare_port, bare_parts):
                ours = clipzy_parts(folder / "data")
                stacks = (
                    Stack("bare", bare_port, path, bare_parts),
                    Stack("one job", PORT, path, ours),
                    Stack(f"a list of {JOBS}", PORT, "/api/v1/jobs", ours),
                )
                found: dict[str, list[list[float]]] = {stack.name: [] for stack in stacks}
                for _ in range(ROUNDS):
                    for stack in stacks:
                        found[stack.name].append(measured(stack, token))
    sums = {}
    print("| | part | CPU µs a read |\n|---|---|---|")
    for stack in stacks:
        medians = [statistics.median(column) for column in zip(*found[stack.name], strict=True)]
        sums[stack.name] = sum(medians)
        for part, median in zip(stack.parts, medians, strict=True):
            print(f"| {stack.name} | {part.name} | {median:.0f} |")
    for stack in stacks[1:]:
        print(f"\n{stack.name}: {sums[stack.name] / sums['bare']:.2f} × the bare server")


if __name__ == "__main__":
    asyncio.run(serve_bare(sys.argv[1], Path(sys.argv[2]).read_bytes()))

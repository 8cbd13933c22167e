import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clipzy_server.domain.errors import ErrorCode, Exhausted, Invalid, StageFailed, Unauthorized
from clipzy_server.media.sandbox import ChildDied, Limits, Sandbox

TASKS = "sandbox_tasks"


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
    box = Sandbox([TASKS])
    yield box
    await box.close()


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    # A zombie is dead too: an orphan waits for whoever is process 1 to collect it.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


async def until(condition: object, tries: int = 500) -> None:
    assert callable(condition)
    for _ in range(tries):
        if condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("the condition did not come true")


async def test_returns_the_result_of_a_child_in_its_own_session(sandbox: Sandbox) -> None:
    answer = await sandbox.run(f"{TASKS}:double", {"value": 21})
    assert answer["value"] == 42
    assert answer["pid"] == answer["session"] != os.getpid()


async def test_every_task_has_its_own_child(sandbox: Sandbox) -> None:
    answers = await asyncio.gather(*(sandbox.run(f"{TASKS}:double", {"value": n}) for n in range(8)))
    assert [answer["value"] for answer in answers] == [0, 2, 4, 6, 8, 10, 12, 14]
    assert len({answer["pid"] for answer in answers}) == 8


async def test_a_large_payload_goes_in_and_out(sandbox: Sandbox) -> None:
    text = "x" * 5_000_000
    assert (await sandbox.run(f"{TASKS}:double", {"value": text}))["value"] == text * 2


async def test_passes_progress_on(sandbox: Sandbox) -> None:
    shares: list[float] = []
    await sandbox.run(f"{TASKS}:double", {"value": 1}, shares.append)
    assert shares == [0.5]


async def test_an_error_of_the_domain_comes_out_equal(sandbox: Sandbox) -> None:
    with pytest.raises(Invalid) as caught:
        await sandbox.run(f"{TASKS}:refuse", {})
    assert vars(caught.value) == vars(Invalid(ErrorCode.CORRUPT_VIDEO, "The file is damaged.", "moov atom missing"))
    with pytest.raises(Unauthorized):
        await sandbox.run(f"{TASKS}:refuse_identity", {})
    with pytest.raises(Exhausted) as limited:
        await sandbox.run(f"{TASKS}:refuse_rate", {})
    assert limited.value.retry_after_s == 7.5


async def test_an_unexpected_error_hides_what_it_says(sandbox: Sandbox) -> None:
    with pytest.raises(StageFailed) as caught:
        await sandbox.run(f"{TASKS}:blunder", {})
    assert caught.value.code is ErrorCode.INTERNAL_ERROR
    assert "secret" not in caught.value.message + caught.value.detail


@pytest.mark.parametrize(
    ("number", "code", "by_kill"),
    [(signal.SIGKILL, ErrorCode.OUT_OF_MEMORY, True), (signal.SIGSEGV, ErrorCode.INTERNAL_ERROR, False)],
)
async def test_a_child_that_dies_fails_the_task_alone(
    sandbox: Sandbox, number: int, code: ErrorCode, by_kill: bool
) -> None:
    with pytest.raises(ChildDied) as caught:
        await sandbox.run(f"{TASKS}:kill_itself", {"signal": int(number)})
    assert (caught.value.code, caught.value.by_kill) == (code, by_kill)
    assert (await sandbox.run(f"{TASKS}:double", {"value": 1}))["value"] == 2


async def test_cancelling_kills_the_child_and_its_children(sandbox: Sandbox, tmp_path: Path) -> None:
    begun = asyncio.Event()
    pids = tmp_path / "pids"
    task = asyncio.create_task(sandbox.run(f"{TASKS}:wait_with_grandchild", {"pids": str(pids)}, lambda _: begun.set()))
    async with asyncio.timeout(30):
        await begun.wait()
    child, grandchild = map(int, pids.read_text().split())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gone(child)
    await until(lambda: gone(grandchild))


async def test_too_much_wall_time_is_a_timeout(sandbox: Sandbox) -> None:
    await sandbox.start()
    with pytest.raises(StageFailed) as caught:
        await sandbox.run(f"{TASKS}:pause", {}, limits=Limits(wall_s=0.2))
    assert caught.value.code is ErrorCode.JOB_TIMEOUT


async def test_too_much_processor_time_is_a_timeout(sandbox: Sandbox) -> None:
    with pytest.raises(StageFailed) as caught:
        await sandbox.run(f"{TASKS}:spin", {}, limits=Limits(cpu_s=1))
    assert caught.value.code is ErrorCode.JOB_TIMEOUT


async def test_too_much_memory_is_named(sandbox: Sandbox) -> None:
    limits = Limits(address_space_bytes=1 << 30)
    with pytest.raises(StageFailed) as caught:
        await sandbox.run(f"{TASKS}:allocate", {"bytes": 1 << 31}, limits=limits)
    assert caught.value.code is ErrorCode.OUT_OF_MEMORY
    assert await sandbox.run(f"{TASKS}:allocate", {"bytes": 1 << 20}, limits=limits) == {"length": 1 << 20}


async def test_the_network_is_out_of_reach(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        answer = await sandbox.run(f"{TASKS}:dial", {"port": server.getsockname()[1]})
    if "does not let the sandbox leave the network" in caplog.text:
        pytest.skip("this kernel does not permit it")
    assert answer == {"connected": False}


async def test_a_dead_template_is_replaced_and_the_task_run_again(sandbox: Sandbox, tmp_path: Path) -> None:
    assert await sandbox.run(f"{TASKS}:die_once", {"marker": str(tmp_path / "marker")}) == {"tries": 2}

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from clipzy_server.domain.errors import ErrorCode, Exhausted, Invalid, StageFailed, Unauthorized, Unavailable
from clipzy_server.media.confinement import BoxMode, View
from clipzy_server.media.sandbox import Sandbox
from clipzy_server.media.sandbox_child import REPORT_INTERVAL_S
from clipzy_server.media.sandbox_limits import BoxPolicy, ChildDied, Limits

TASKS = "sandbox_tasks"


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
    box = Sandbox([TASKS])
    yield box
    await box.close()


@pytest.fixture
async def open_box(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    """Without walls, for tasks that lay hands on the template."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
    box = Sandbox([TASKS], policy=BoxPolicy(BoxMode.OFF))
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


async def test_denormal_numbers_are_flushed_in_children(sandbox: Sandbox) -> None:
    answers = [await sandbox.run(f"{TASKS}:double", {"value": value}) for value in (1e-300, 1e-310)]
    assert [answer["value"] for answer in answers] == [2e-300, 0.0]


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
    ("number", "code", "by_chance"),
    [
        (signal.SIGKILL, ErrorCode.OUT_OF_MEMORY, True),
        (signal.SIGTERM, ErrorCode.WORKER_LOST, True),
        (signal.SIGSEGV, ErrorCode.INTERNAL_ERROR, False),
    ],
)
async def test_a_child_that_dies_fails_the_task_alone(
    sandbox: Sandbox, number: int, code: ErrorCode, by_chance: bool
) -> None:
    with pytest.raises(ChildDied) as caught:
        await sandbox.run(f"{TASKS}:kill_itself", {"signal": int(number)})
    assert (caught.value.code, caught.value.by_chance) == (code, by_chance)
    assert (await sandbox.run(f"{TASKS}:double", {"value": 1}))["value"] == 2


async def test_cancelling_kills_the_child_and_its_children(sandbox: Sandbox, tmp_path: Path) -> None:
    begun = asyncio.Event()
    pids = tmp_path / "pids"
    task = asyncio.create_task(
        sandbox.run(
            f"{TASKS}:wait_with_grandchild",
            {"pids": str(pids)},
            lambda _: begun.set(),
            view=View(writes=(str(tmp_path),)),
        )
    )
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


async def test_a_full_disk_is_told_though_the_log_lies_on_it(open_box: Sandbox) -> None:
    with pytest.raises(Unavailable) as caught:
        await open_box.run(f"{TASKS}:fill_disk_and_log", {})
    assert caught.value.code is ErrorCode.INSUFFICIENT_STORAGE


async def test_a_dead_template_is_replaced_and_the_task_run_again(open_box: Sandbox, tmp_path: Path) -> None:
    assert await open_box.run(f"{TASKS}:die_once", {"marker": str(tmp_path / "marker")}) == {"tries": 2}


async def test_a_template_that_dies_while_a_task_comes_is_replaced(
    open_box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, open_connection = [], asyncio.open_connection

    async def opened_too_late(**options: Any) -> Any:
        if not opened:
            await open_box.close()
        opened.append(options)
        return await open_connection(**options)

    monkeypatch.setattr(asyncio, "open_connection", opened_too_late)
    assert (await open_box.run(f"{TASKS}:double", {"value": 2}))["value"] == 4
    assert len(opened) == 2


async def test_a_stopped_template_is_replaced_when_its_task_is_given_up(
    open_box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clipzy_server.media.sandbox.ANSWERS_WITHIN_S", 0.05)
    with pytest.raises(StageFailed):
        await open_box.run(f"{TASKS}:stop_template", {}, limits=Limits(still_s=0.2))
    assert (await open_box.run(f"{TASKS}:double", {"value": 1}))["value"] == 2


@pytest.mark.parametrize(
    ("task", "limits"),
    [("pause", Limits(still_s=0.2)), ("stop_itself", Limits(still_s=0.2)), ("spin", Limits(stall_s=0.2, still_s=60))],
)
async def test_a_task_that_stands_is_ended_and_may_be_tried_again(sandbox: Sandbox, task: str, limits: Limits) -> None:
    with pytest.raises(ChildDied) as caught:
        await sandbox.run(f"{TASKS}:{task}", {}, limits=limits)
    assert (caught.value.code, caught.value.by_chance) == (ErrorCode.JOB_STALLED, True)
    assert f"{TASKS}:{task}" in caught.value.detail


async def test_a_task_that_gets_on_is_left_alone(sandbox: Sandbox) -> None:
    limits = Limits(stall_s=3 * REPORT_INTERVAL_S, still_s=3 * REPORT_INTERVAL_S)
    work = {"steps": 20, "step_s": 0.3 * REPORT_INTERVAL_S}
    assert await sandbox.run(f"{TASKS}:get_on", work, limits=limits) == {"steps": 20}


async def test_more_memory_than_allowed_is_named_though_address_space_is_free(sandbox: Sandbox) -> None:
    with pytest.raises(StageFailed) as caught:
        await sandbox.run(f"{TASKS}:allocate", {"bytes": 1 << 31}, limits=Limits(memory_bytes=1 << 30))
    assert caught.value.code is ErrorCode.OUT_OF_MEMORY


async def test_a_file_grows_to_its_limit_only(sandbox: Sandbox, tmp_path: Path) -> None:
    view, limits = View(writes=(str(tmp_path),)), Limits(file_bytes=1 << 20)
    path = tmp_path / "large"
    with pytest.raises(StageFailed):
        await sandbox.run(f"{TASKS}:write", {"path": str(path), "bytes": 1 << 21}, limits=limits, view=view)
    assert path.stat().st_size <= 1 << 20


async def test_a_full_disk_is_named(sandbox: Sandbox) -> None:
    with pytest.raises(Unavailable) as caught:
        await sandbox.run(f"{TASKS}:fill_the_disk", {}, view=View(writes=("/dev/full",)))
    assert caught.value.code is ErrorCode.INSUFFICIENT_STORAGE

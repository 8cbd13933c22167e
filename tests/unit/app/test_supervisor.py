import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from clipzy_server.app.supervisor import Program, Supervisor

SLEEPER = [sys.executable, "-c", "import signal; signal.pause()"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True); signal.pause()",
]


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("the condition did not come true")


async def test_a_program_that_dies_is_started_again(tmp_path: Path) -> None:
    supervisor = Supervisor()
    supervisor.keep(Program("sleeper", SLEEPER, tmp_path / "log"))
    await until(lambda: supervisor.pid("sleeper") is not None)
    first = supervisor.pid("sleeper")
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: supervisor.pid("sleeper") not in (None, first))
    await supervisor.stop(["sleeper"], grace_s=10)
    assert supervisor.pid("sleeper") is None


async def test_a_stubborn_program_is_killed(tmp_path: Path) -> None:
    supervisor = Supervisor()
    log = tmp_path / "log"
    supervisor.keep(Program("stubborn", STUBBORN, log))
    await until(lambda: log.exists() and b"up" in log.read_bytes())
    pid = supervisor.pid("stubborn")
    assert pid is not None
    await supervisor.stop(["stubborn"], grace_s=0.1)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_programs_die_with_the_supervisor(tmp_path: Path) -> None:
    script = f"""
import asyncio, signal, os
from pathlib import Path
from clipzy_server.app.supervisor import Program, Supervisor
async def main():
    supervisor = Supervisor()
    supervisor.keep(Program("sleeper", {SLEEPER!r}, Path({str(tmp_path / "log")!r})))
    while supervisor.pid("sleeper") is None:
        await asyncio.sleep(0.01)
    print(supervisor.pid("sleeper"), flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""
    owner = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE)
    assert owner.stdout is not None
    pid = int(await owner.stdout.readline())
    os.kill(owner.pid, signal.SIGKILL)
    await owner.wait()

    def gone() -> bool:
        stat = Path(f"/proc/{pid}/stat")
        return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"

    await until(gone)


def listener(log: Path, told: "asyncio.Future[str]") -> Program:
    """Writes down what it reads, until there is no more; deaf to SIGTERM."""
    script = "import signal, sys; signal.signal(15, signal.SIG_IGN); print('up', flush=True); print(sys.stdin.read())"
    return Program("listener", [sys.executable, "-c", script], log, told=told)


async def test_a_program_is_told_what_it_waits_for_each_time_it_starts(tmp_path: Path) -> None:
    supervisor, log = Supervisor(), tmp_path / "log"
    where: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    supervisor.keep(listener(log, where))
    await until(lambda: log.exists() and log.read_text() == "up\n")
    where.set_result("here")
    await until(lambda: log.read_text().startswith("up\nhere\n\nup\nhere\n"))
    await supervisor.stop(["listener"], grace_s=10)


async def test_a_program_that_will_never_be_told_reads_the_end(tmp_path: Path) -> None:
    supervisor, log = Supervisor(), tmp_path / "log"
    supervisor.keep(listener(log, asyncio.get_running_loop().create_future()))
    await until(lambda: log.exists() and log.read_text() == "up\n")
    await supervisor.stop(["listener"], grace_s=10)
    assert log.read_text() == "up\n\n"

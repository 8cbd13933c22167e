import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clipzy_server.app.waking import Waker

PARENT = "import subprocess, sys; c = subprocess.Popen(['sleep', '600']); print(c.pid, flush=True); c.wait()"


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@pytest.fixture
def grandchild() -> Iterator[int]:
    """A process below a child of ours."""
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        yield pid
        os.kill(pid, signal.SIGKILL)


def stop(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)
    while state(pid) != "T":
        pass


def test_a_stopped_descendant_is_woken_when_its_time_is_over(grandchild: int) -> None:
    waker = Waker(after_s=5.0)
    stop(grandchild)
    assert waker.look(100.0) == []
    assert waker.look(104.9) == []
    assert state(grandchild) == "T"
    assert waker.look(105.0) == [grandchild]
    assert state(grandchild) != "T"
    assert waker.look(111.0) == []


def test_who_was_awake_in_between_is_given_the_whole_time_again(grandchild: int) -> None:
    waker = Waker(after_s=5.0)
    stop(grandchild)
    assert waker.look(100.0) == []
    os.kill(grandchild, signal.SIGCONT)
    assert waker.look(103.0) == []
    stop(grandchild)
    assert waker.look(106.0) == []
    assert waker.look(111.0) == [grandchild]

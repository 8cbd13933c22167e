import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import structlog

from clipzy_server.app.logs import configure_logs


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_our_lines_and_those_of_libraries_look_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO")
    structlog.get_logger("clipzy.test").warning("ours", count=2)
    logging.getLogger("some.library").warning("theirs")
    ours, theirs = written(capsys)
    assert ours.pop("timestamp")
    assert theirs.pop("timestamp")
    assert ours == {"event": "ours", "count": 2, "level": "warning", "logger": "clipzy.test"}
    assert theirs == {"event": "theirs", "level": "warning", "logger": "some.library"}


def test_an_exception_has_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO")
    try:
        raise ValueError("no good")
    except ValueError:
        structlog.get_logger("clipzy.test").exception("unexpected")
    (line,) = written(capsys)
    assert line["level"] == "error"
    assert "ValueError: no good" in str(line["exception"])


def test_migrations_are_quiet_unless_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    for level in ("INFO", "DEBUG"):
        configure_logs(level)
        logging.getLogger("alembic.runtime.migration").info("upgrade at %s", level)
    assert [line["event"] for line in written(capsys)] == ["upgrade at DEBUG"]


def test_what_lies_below_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("WARNING")
    structlog.get_logger("clipzy.test").info("call")
    logging.getLogger("some.library").info("call")
    assert written(capsys) == []


def test_a_text_that_is_no_unicode_is_written_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO")
    structlog.get_logger("clipzy.test").info("named", name="a\ud800b")
    assert written(capsys)[0]["name"] == "a\ud800b"


def test_a_full_disk_costs_the_line_and_not_whoever_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told = 0
    with suppress(OSError), Path("/dev/full").open("w", buffering=1) as full:
        monkeypatch.setattr("sys.stderr", full)
        configure_logs("INFO")
        for _ in range(2):
            structlog.get_logger("clipzy.test").warning("ours")
            told += 1
    assert told == 2

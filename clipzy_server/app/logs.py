"""JSON lines on standard error, for our own logs and those of libraries."""

import json
import logging
import sys
from contextlib import suppress
from typing import Any

import structlog
from pydantic_core import PydanticSerializationError, to_json
from typing_extensions import override

# They say INFO for each of dozens of migrations.
_MIGRATING = ("alembic", "dbos")
_SHARED: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


class _Lines(structlog.WriteLogger):
    """Writes our own lines at once: through `logging` each costs a call to the server twice as much.

    Where the log's disk is full a line is lost, and not the call that it tells of.
    """

    def __init__(self, name: str = "clipzy") -> None:
        super().__init__(sys.stderr)
        self.name = name

    @override
    def msg(self, message: str) -> None:
        with suppress(OSError):
            super().msg(message)

    debug = info = warning = error = critical = exception = msg


def _as_json(entry: dict[str, Any], **_: Any) -> str:
    try:
        return to_json(entry, fallback=repr).decode()
    except PydanticSerializationError:
        # Callers' texts may hold lone surrogates, which only escapes can write.
        return json.dumps(entry, default=repr)


def configure_logs(level: str) -> None:
    """Once a process, at its start."""
    structlog.configure(
        processors=[*_SHARED, structlog.processors.JSONRenderer(serializer=_as_json)],
        logger_factory=_Lines,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(serializer=_as_json),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _MIGRATING:
        logging.getLogger(name).setLevel(logging.WARNING if level == "INFO" else level)

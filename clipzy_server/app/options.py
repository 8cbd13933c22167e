"""What the commands share: the option for the data folder, and the settings it leads to."""
# ruff: noqa: PLC0415

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from clipzy_server.app.settings import Settings

DataDir = Annotated[Path | None, typer.Option(help="Folder of everything Clipzy keeps (CLIPZY_DATA_DIR, else ./data).")]


def load_settings(data_dir: Path | None = None) -> "Settings":
    """The settings of this installation; logs are written as they say from here on.

    Raises SystemExit with what is wrong with them.
    """
    from pydantic import ValidationError

    from clipzy_server.app.logs import configure_logs
    from clipzy_server.app.settings import Settings

    try:
        settings = Settings() if data_dir is None else Settings(data_dir=data_dir)
    except ValidationError as error:
        raise SystemExit(_refused(error.errors())) from None
    configure_logs(settings.log_level)
    return settings


def _refused(errors: Sequence[Mapping[str, Any]]) -> str:
    """Which settings cannot be, and why."""
    lines = (
        f"{'.'.join(map(str, error['loc'])) or 'The settings'}: {error['msg'].removeprefix('Value error, ')}"
        for error in errors
    )
    return "\n".join(["These settings cannot be (README.md lists them all):", *lines])

"""What the commands share: the option for the data folder, and the settings it leads to."""
# ruff: noqa: PLC0415

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from clipzy_server.app.settings import Settings

DataDir = Annotated[Path | None, typer.Option(help="Folder of everything Clipzy keeps (CLIPZY_DATA_DIR, else ./data).")]


def load_settings(data_dir: Path | None = None) -> "Settings":
    """The settings of this installation; logs are written as they say from here on."""
    from clipzy_server.app.logs import configure_logs
    from clipzy_server.app.settings import Settings

    settings = Settings() if data_dir is None else Settings(data_dir=data_dir)
    configure_logs(settings.log_level)
    return settings

"""The commands that talk to a running Clipzy: run, upload, videos, jobs, styles, webhook."""

from typing import Annotated

try:
    import typer
except ImportError as missing:
    raise SystemExit("The command clipzy needs: pip install 'clipzy-client[cli]'") from missing

from clipzy_client import __version__
from clipzy_client.cli.jobs import jobs
from clipzy_client.cli.run import run, upload
from clipzy_client.cli.styles import styles
from clipzy_client.cli.videos import videos
from clipzy_client.cli.webhook import webhook

app = typer.Typer(no_args_is_help=True, help="Learns the style of a video and gives it to other footage.")
app.command()(run)
app.command()(upload)
app.add_typer(videos, name="videos")
app.add_typer(jobs, name="jobs")
app.add_typer(styles, name="styles")
app.add_typer(webhook, name="webhook")


def main() -> None:
    """The entry point of the client alone."""
    app.callback()(_alone)
    app()


def _told(wanted: bool) -> None:
    if wanted:
        typer.echo(f"clipzy-client {__version__}")
        raise typer.Exit


def _alone(
    version: Annotated[
        bool, typer.Option("--version", callback=_told, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Learns the style of a video and gives it to other footage."""

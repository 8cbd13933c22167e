"""The command `clipzy`. Each command loads only what it needs, so that small ones answer at once."""
# ruff: noqa: PLC0415

import asyncio
import importlib
import importlib.util
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from clipzy_server import __version__
from clipzy_server.app.options import DataDir, load_settings
from clipzy_server.app.token_cli import tokens
from clipzy_server.media.loading import load_at_once

app = typer.Typer(no_args_is_help=True, help="Learns the style of a video and gives it to other footage.")
app.add_typer(tokens, name="token")


def _told(wanted: bool) -> None:
    if wanted:
        print(f"clipzy {__version__}")
        raise typer.Exit


@app.callback()
def _whole(
    version: Annotated[
        bool, typer.Option("--version", callback=_told, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Learns the style of a video and gives it to other footage."""


@app.command()
def up(
    data_dir: DataDir = None,
    port: Annotated[int, typer.Option(help="Public port; 0 lets the system choose.")] = 8000,
    address: Annotated[str, typer.Option(help="Public address.")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(min=0, help="Worker processes.")] = 1,
) -> None:
    """Run everything on this machine: PostgreSQL, server, workers, gateway."""
    load_at_once()
    from clipzy_server.app.gateway import Listen
    from clipzy_server.app.up import up as run_up

    asyncio.run(run_up(load_settings(data_dir), Listen(address, port), workers))
    _leave()


@app.command()
def serve(
    listen: Annotated[str, typer.Option(help="host:port, or unix:/path.")] = "127.0.0.1:50051",
) -> None:
    """Run one server. Needs CLIPZY_DATABASE_URL."""
    load_at_once()
    import uvloop

    from clipzy_server.app.serve import serve as run_serve

    uvloop.run(run_serve(load_settings(), listen))
    _leave()


@app.command()
def work() -> None:
    """Run one worker. Needs CLIPZY_DATABASE_URL."""
    load_at_once()
    from clipzy_server.app.work import work as run_work

    asyncio.run(run_work(load_settings()))
    _leave()


@app.command()
def migrate() -> None:
    """Bring the database's tables to the newest version."""
    from clipzy_server.app.parts import database_url
    from clipzy_server.store.migration import migrate as run_migrate

    asyncio.run(run_migrate(database_url(load_settings())))


@app.command()
def doctor(
    data_dir: DataDir = None,
    port: Annotated[int, typer.Option(help="The public port that is meant.")] = 8000,
    address: Annotated[str, typer.Option(help="The public address that is meant.")] = "127.0.0.1",
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Say what on this machine would stop or slow Clipzy, and what to do. Exit code 1: something would stop it."""
    import json
    from dataclasses import asdict

    from clipzy_server.app.doctor import Verdict, report
    from clipzy_server.app.gateway import Listen

    findings = report(load_settings(data_dir), Listen(address, port))
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    for finding in () if as_json else findings:
        print(f"{finding.verdict:8} {finding.about:9} {finding.found}")
        if finding.remedy:
            print(f"{'':18} → {finding.remedy}")
    raise SystemExit(any(finding.verdict is Verdict.FAILED for finding in findings))


@app.command("webhook-secret")
def show_webhook_secret(
    owner: Annotated[str, typer.Option(help="The owner's name; the first owner is called owner.")] = "owner",
    rotate: Annotated[bool, typer.Option(help="Make a new one. Messages verify by the old one too for a day.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Print the secret that an owner's webhooks are signed with, whether Clipzy runs or not."""
    from clipzy_server.app.webhook_secret import webhook_secret

    secret = asyncio.run(webhook_secret(load_settings(data_dir), owner, rotate=rotate))
    if secret is None:
        raise SystemExit(f"There is no owner {owner}")
    print(secret)


@app.command()
def inspect(
    video: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file whose style is wanted.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder the picture goes to.")] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Print the Style DNA as JSON and draw nothing.")] = False,
) -> None:
    """Draw the style of a video as PNG and HTML, or print it. Needs no server."""
    from clipzy_server.app.inspect_cli import inspect_video

    inspect_video(load_settings(), video, None if as_json else output)


@app.command()
def gateway(
    upstream: Annotated[str, typer.Option(help="Where the server listens: host:port, or unix:/path.")],
    port: Annotated[int, typer.Option(help="Public port.")] = 8000,
    address: Annotated[str, typer.Option(help="Public address.")] = "127.0.0.1",
) -> None:
    """Become the gateway in front of servers that run elsewhere."""
    import tempfile

    from clipzy_server.app.gateway import Listen, gateway_command, gateway_settings, render_gateway_config

    folder = Path(tempfile.mkdtemp(prefix="clipzy-gateway-"))
    config = folder / "envoy.yaml"
    config.write_text(render_gateway_config(gateway_settings(load_settings(), upstream, folder, Listen(address, port))))
    command = gateway_command(config)
    os.execv(command[0], command)  # noqa: S606 - Envoy's own command line


def _leave() -> None:
    """End at once: everything is closed, and taking thousands of modules apart would cost a busy machine seconds."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _mount_client() -> None:
    if importlib.util.find_spec("clipzy_client.cli") is not None:
        app.add_typer(importlib.import_module("clipzy_client.cli").app)


def _is_ours(name: str) -> bool:
    return any(
        name in {command.name, getattr(command.callback, "__name__", None)} for command in app.registered_commands
    )


def main() -> None:
    """The entry point. What the client's commands need is not loaded for one of the server's."""
    if not _is_ours("".join(sys.argv[1:2])):
        _mount_client()
    app()


if __name__ == "__main__":
    main()

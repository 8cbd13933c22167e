"""`clipzy webhook listen`: a receiver for trying webhooks out."""

import errno
import json
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Annotated

import typer

from clipzy_client.cli.desk import ended_well, errors
from clipzy_client.cli.endings import ExitCode
from clipzy_client.connection import token_of
from clipzy_client.webhooks import InvalidWebhook, verify

webhook = typer.Typer(no_args_is_help=True, help="Try webhooks out.")

LONGEST_BODY_BYTES = 16 << 20

_SECRET = typer.Option(envvar="CLIPZY_WEBHOOK_SECRET", help="whsec_…, or @FILE that holds it.")


@webhook.callback()
def _group() -> None:
    """Try webhooks out."""


@webhook.command()
def listen(
    secret: Annotated[str, _SECRET] = "",
    port: Annotated[int, typer.Option(help="Where to listen.")] = 9000,
    address: Annotated[str, typer.Option(help="On which address.")] = "127.0.0.1",
    count: Annotated[int, typer.Option(min=0, help="End after so many genuine messages; 0 goes on.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print each message as a line of JSON.")] = False,
) -> None:
    """Receives webhooks, checks their signatures, and prints them."""
    if not secret:
        errors.print("[red]No secret[/]: clipzy webhook-secret --data-dir data > secret, then --secret @secret")
        raise typer.Exit(ExitCode.USAGE)
    with ended_well(), _bound(address, port, token_of(secret) or "", as_json=as_json) as receiver:
        errors.print(f"listening on http://{address}:{receiver.server_port}/ (give it to a job as webhook_url)")
        while not count or receiver.genuine < count:
            receiver.handle_request()


class _Receiver(HTTPServer):
    """Knows the secret, and how many genuine messages came."""

    def __init__(self, place: tuple[str, int], secret: str, *, as_json: bool) -> None:
        super().__init__(place, _Handler)
        self.secret = secret
        self.as_json = as_json
        self.genuine = 0


class _Handler(BaseHTTPRequestHandler):
    server: _Receiver
    timeout = 15

    def do_POST(self) -> None:
        """One message."""
        size = self.headers.get("content-length", "")
        if not size.isdigit() or int(size) > LONGEST_BODY_BYTES:
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
            return
        try:
            message = verify(self.rfile.read(int(size)), dict(self.headers), self.server.secret)
        except InvalidWebhook as error:
            errors.print(f"[red]refused[/]: {error}")
            self.send_error(HTTPStatus.UNAUTHORIZED)
            return
        self.send_response(HTTPStatus.NO_CONTENT)
        self.end_headers()
        self.server.genuine += 1
        words = f"{self.headers['webhook-id']}  {message['job_id']}  {message['status']}"
        sys.stdout.write((json.dumps(message, ensure_ascii=False) if self.server.as_json else words) + "\n")
        sys.stdout.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Says nothing of its own."""


def _bound(address: str, port: int, secret: str, *, as_json: bool) -> _Receiver:
    try:
        return _Receiver((address, port), secret, as_json=as_json)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        errors.print(f"[red]Port {port} of {address} is taken[/] by another program: choose one with --port")
        raise typer.Exit(ExitCode.UNREACHABLE) from error

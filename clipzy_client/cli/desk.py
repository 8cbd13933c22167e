"""What every command has: the client, a place to print, and an end for each error."""

import inspect
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Concatenate, ParamSpec

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from clipzy_client.build import plain_of
from clipzy_client.cli.endings import ExitCode, exit_code, hint
from clipzy_client.errors import ClipzyError
from clipzy_client.sync.client import Clipzy

P = ParamSpec("P")

errors = Console(stderr=True, highlight=False, soft_wrap=True)

_SERVER = Annotated[str, typer.Option(envvar="CLIPZY_SERVER", help="host:port of Clipzy, or its URL.")]
_TOKEN = Annotated[str, typer.Option(envvar="CLIPZY_TOKEN", help="An owner's token, or @FILE that holds it.")]
_JSON = Annotated[bool, typer.Option("--json", help="Print JSON for programs, and no progress.")]


@dataclass(frozen=True)
class Desk:
    """One command at work. Answers go to standard output, all else to standard error."""

    client: Clipzy
    as_json: bool

    def show(self, value: Any, words: str) -> None:
        """The value as JSON, or what a person wants to know of it."""
        self.say(json.dumps(plain_of(value), indent=2, ensure_ascii=False) if self.as_json else words)

    def line(self, value: Any, words: str) -> None:
        """As `show`, but on one line: for what comes bit by bit."""
        self.say(json.dumps(plain_of(value), ensure_ascii=False) if self.as_json else words)

    def table(self, values: list[Any], columns: dict[str, Callable[[Any], object]]) -> None:
        """The values as a JSON array, or as a table with these columns."""
        if self.as_json:
            self.show(values, "")
            return
        table = Table(*columns, box=None, pad_edge=False)
        for value in values:
            table.add_row(*(str(cell(value)) for cell in columns.values()))
        # In a pipe a line is as long as it is.
        Console(width=None if sys.stdout.isatty() else 1000).print(table)

    @staticmethod
    def say(words: str) -> None:
        """A line of the answer."""
        sys.stdout.write(words + "\n")
        sys.stdout.flush()


def with_desk(function: Callable[Concatenate[Desk, P], None]) -> Callable[..., None]:
    """The command of a function: its own options, and those that say where Clipzy is and how to print."""
    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, default, annotation in (("server", "", _SERVER), ("token", "", _TOKEN), ("as_json", False, _JSON))
    ]

    def command(*, server: str, token: str, as_json: bool, **given: Any) -> None:
        with ended_well(), Clipzy(server, token) as client:
            function(Desk(client, as_json), **given)  # type: ignore[call-arg]  # typer gives what `own` lists

    parameters = [*(each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own), *shared]
    command.__name__, command.__doc__ = function.__name__, function.__doc__
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return command


@contextmanager
def ended_well() -> Iterator[None]:
    """Tells an error of the block in plain words and ends with its code."""
    try:
        yield
    except ClipzyError as error:
        errors.print(f"[red]{error.code}[/]: {escape(error.message)}")
        for more in (error.detail if error.detail != error.message else None, _request(error), hint(error)):
            if more:
                errors.print(more, markup=False)
        raise typer.Exit(exit_code(error)) from error
    except (OSError, ValueError) as error:
        errors.print(f"[red]{escape(str(error))}[/]")
        raise typer.Exit(ExitCode.USAGE) from error
    except KeyboardInterrupt:
        raise typer.Exit(ExitCode.INTERRUPTED) from None


def _request(error: ClipzyError) -> str | None:
    return f"request {error.request_id}" if error.request_id else None

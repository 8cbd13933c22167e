"""The commands `clipzy token …`; it makes no difference to them whether Clipzy runs."""
# ruff: noqa: PLC0415

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from clipzy_server.app.options import DataDir, load_settings
from clipzy_server.domain.owner import Scope, TokenRecord

tokens = typer.Typer(no_args_is_help=True, help="Tokens of owners.")

TokenId = Annotated[str, typer.Argument(help="The id that `clipzy token list` shows.")]
ExpiresIn = Annotated[str | None, typer.Option(help="90s, 15m, 12h or 30d; without it the token does not expire.")]


@tokens.command("create")
def create_token(
    owner: Annotated[str, typer.Option(help="The owner's name; added when there is none.")],
    scope: Annotated[Scope, typer.Option(help="What the token allows; each scope includes those before it.")] = (
        Scope.WRITE
    ),
    expires_in: ExpiresIn = None,
    data_dir: DataDir = None,
) -> None:
    """Print a new token of an owner. It is shown here only."""
    from clipzy_server.app.tokens import open_tokens

    lasts = _duration(expires_in, "--expires-in")

    async def run() -> str:
        async with open_tokens(load_settings(data_dir)) as opened:
            return await opened.create(owner, scope, lasts)

    print(asyncio.run(run()))


@tokens.command("list")
def list_tokens(
    owner: Annotated[str | None, typer.Option(help="Only this owner's.")] = None, data_dir: DataDir = None
) -> None:
    """Print every token's id, owner, scope, state and times; the tokens themselves are kept nowhere."""
    from clipzy_server.app.tokens import open_tokens

    async def run() -> tuple[TokenRecord, ...]:
        async with open_tokens(load_settings(data_dir)) as opened:
            return await opened.list(owner)

    print("\n".join(_table(asyncio.run(run()))))


@tokens.command("revoke")
def revoke_token(token_id: TokenId, data_dir: DataDir = None) -> None:
    """End a token; within seconds nobody takes it any more."""
    from clipzy_server.app.tokens import open_tokens

    async def run() -> bool:
        async with open_tokens(load_settings(data_dir)) as opened:
            return await opened.revoke(token_id)

    if not asyncio.run(run()):
        raise _no_token(token_id)


@tokens.command("rotate")
def rotate_token(
    token_id: TokenId,
    expires_in: ExpiresIn = None,
    overlap: Annotated[str, typer.Option(help="How long the old token stays good beside the new one.")] = "0s",
    data_dir: DataDir = None,
) -> None:
    """Print a new token of the same owner and scope and end the old one. Without --expires-in it lasts as long."""
    from clipzy_server.app.tokens import rotate_token as run_rotate

    lasts, beside = _duration(expires_in, "--expires-in"), _duration(overlap, "--overlap") or timedelta()
    token = asyncio.run(run_rotate(load_settings(data_dir), token_id, lasts, beside))
    if token is None:
        raise _no_token(token_id)
    print(token)


def _duration(text: str | None, option: str) -> timedelta | None:
    from clipzy_server.app.tokens import parse_duration

    if text is None:
        return None
    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from error


def _no_token(token_id: str) -> SystemExit:
    return SystemExit(f"No token that is still good has the id {token_id}")


def _table(records: Iterable[TokenRecord]) -> list[str]:
    now = datetime.now(UTC)
    rows = [("TOKEN_ID", "OWNER", "SCOPE", "STATE", "CREATED", "EXPIRES")]
    rows += [
        (
            record.token_id,
            record.owner.name,
            record.scope.value,
            record.state(now).value,
            _shown(record.created_at),
            _shown(record.expires_at) if record.expires_at else "never",
        )
        for record in records
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _shown(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

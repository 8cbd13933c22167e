"""`clipzy token …`: through the running database, or by starting a stopped one for a moment."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from clipzy_server.app.folder import DataFolder
from clipzy_server.app.parts import migrate
from clipzy_server.app.postgres import EmbeddedPostgres
from clipzy_server.app.settings import Settings
from clipzy_server.domain.errors import Unavailable
from clipzy_server.store.database import Database
from clipzy_server.usecases.tokens import Tokens, token_sha256

_LASTS = re.compile(r"(\d{1,9})([smhd]?)", re.ASCII)
_UNITS = {"": "seconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@asynccontextmanager
async def open_tokens(settings: Settings) -> AsyncIterator[Tokens]:
    """The tokens of this installation while the block runs."""
    if settings.database_url is not None:
        async with _tokens(settings.database_url) as tokens:
            yield tokens
        return
    folder = DataFolder(settings.data_dir.absolute())
    folder.prepare()
    postgres = EmbeddedPostgres(folder.postgres, folder.runtime)
    if await _answers(postgres.url):
        async with _tokens(postgres.url) as tokens:
            yield tokens
        return
    # Nobody serves this folder; its lock makes sure that nobody begins to while we do.
    with folder.sole_use():
        async with postgres:
            await migrate(postgres.url)
            async with _tokens(postgres.url) as tokens:
                yield tokens


async def rotate_token(settings: Settings, token_id: str, lasts: timedelta | None, overlap: timedelta) -> str | None:
    """A token's successor, or None when there is no such token. The first owner's file follows its token."""
    async with open_tokens(settings) as tokens:
        rotated = await tokens.rotate(token_id, lasts=lasts, overlap=overlap)
    if rotated is None:
        return None
    folder = DataFolder(settings.data_dir.absolute())
    if folder.token_file.exists() and token_sha256(folder.first_token()) == rotated.replaced_sha256:
        folder.write_token(rotated.token)
    return rotated.token


def parse_duration(text: str) -> timedelta:
    """`90`, `90s`, `15m`, `12h` or `30d`. Raises ValueError for anything else, and for nothing at all."""
    match = _LASTS.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no duration: write 90s, 15m, 12h or 30d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


async def _answers(url: str) -> bool:
    database = Database(url, pool_size=1)
    try:
        async with database.reading():
            return True
    except Unavailable:
        return False
    finally:
        await database.close()


@asynccontextmanager
async def _tokens(url: str) -> AsyncIterator[Tokens]:
    database = Database(url, pool_size=1)
    try:
        yield Tokens(database)
    finally:
        await database.close()

"""`clipzy token …`."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from clipzy_server.app.folder import DataFolder
from clipzy_server.app.reach import reach_database
from clipzy_server.app.settings import Settings
from clipzy_server.domain.owner import token_sha256
from clipzy_server.usecases.tokens import Tokens

_LASTS = re.compile(r"(\d{1,9})([smhd]?)", re.ASCII)
_UNITS = {"": "seconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@asynccontextmanager
async def open_tokens(settings: Settings) -> AsyncIterator[Tokens]:
    """The tokens of this installation while the block runs."""
    async with reach_database(settings) as database:
        yield Tokens(database)


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

import asyncio
import re

import pytest
from typer.testing import CliRunner

from clipzy_server.app import logs
from clipzy_server.app.cli import app
from clipzy_server.domain.errors import Unauthorized
from clipzy_server.domain.owner import Scope
from clipzy_server.usecases.owners import Owners

TOKEN = re.compile(r"clipzy_[A-Za-z0-9_-]{43}\n")


@pytest.fixture
def token_command(database_url, tmp_path, monkeypatch):
    """`await token_command(*arguments)`: what the command printed, and its exit code."""
    monkeypatch.setattr(logs, "configure_logs", lambda level: None)
    monkeypatch.setenv("CLIPZY_DATABASE_URL", database_url)

    async def run(*arguments):
        line = ["token", *arguments, "--data-dir", str(tmp_path)]
        return await asyncio.to_thread(CliRunner().invoke, app, line)

    return run


async def ids_of(token_command):
    _, *lines = (await token_command("list")).stdout.splitlines()
    return [line.split()[0] for line in lines]


async def test_create_prints_the_token_alone(token_command, database):
    made = await token_command("create", "--owner", "ada", "--scope", "read", "--expires-in", "1h")
    assert made.exit_code == 0
    assert TOKEN.fullmatch(made.stdout)
    access = await Owners(database).authenticate(made.stdout.strip())
    assert (access.owner.name, access.scope) == ("ada", Scope.READ)


async def test_create_gives_a_token_that_writes_and_does_not_expire_unless_told_otherwise(token_command):
    await token_command("create", "--owner", "ada")
    header, line = (await token_command("list", "--owner", "ada")).stdout.splitlines()
    assert header.split() == ["TOKEN_ID", "OWNER", "SCOPE", "STATE", "CREATED", "EXPIRES"]
    assert line.split()[1:4] == ["ada", "write", "good"]
    assert line.split()[-1] == "never"


async def test_rotate_prints_the_successor_alone_and_revoke_ends_it(token_command, database):
    old = (await token_command("create", "--owner", "ada")).stdout.strip()
    (old_id,) = await ids_of(token_command)
    rotated = await token_command("rotate", old_id)
    assert TOKEN.fullmatch(rotated.stdout)
    with pytest.raises(Unauthorized):
        await Owners(database).authenticate(old)
    _, fresh_id = await ids_of(token_command)
    assert (await token_command("revoke", fresh_id)).exit_code == 0
    with pytest.raises(Unauthorized):
        await Owners(database).authenticate(rotated.stdout.strip())
    assert [line.split()[3] for line in (await token_command("list")).stdout.splitlines()[1:]] == ["revoked"] * 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("revoke", "tok_unknown"),
        ("rotate", "tok_unknown"),
        ("rotate", "tok_unknown", "--overlap", "soon"),
        ("create", "--owner", "ada", "--expires-in", "1w"),
        ("create", "--owner", "ada", "--scope", "everything"),
        ("create",),
    ],
)
async def test_what_cannot_be_done_fails_and_prints_no_token(token_command, arguments):
    refused = await token_command(*arguments)
    assert refused.exit_code != 0
    assert "clipzy_" not in refused.stdout
    assert await ids_of(token_command) == []

"""The compose file is checked against its schema and our own commands: no Docker is needed."""

from pathlib import Path

import pytest
import yaml
from compose_pydantic import ComposeSpecification
from typer.main import get_command

from clipzy_server.app.cli import app

TEXT = (Path(__file__).parents[2] / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(TEXT)["services"]
OURS = [name for name, service in SERVICES.items() if service.get("image") == "clipzy"]


def test_compose_file_fits_the_schema():
    raw = yaml.safe_load(TEXT)
    del raw["x-clipzy"]
    assert set(ComposeSpecification(**raw).services) == set(SERVICES)


def test_all_our_parts_are_there():
    assert {SERVICES[name]["command"][0] for name in OURS} == {"serve", "work", "migrate", "gateway"}


@pytest.mark.parametrize("name", OURS)
def test_every_command_parses(name):
    command, *options = SERVICES[name]["command"]
    parser = get_command(app).commands[command]
    context = parser.make_context(command, list(options))
    assert {name: value for name, value in context.params.items() if f"--{name}" in options} == {
        option.removeprefix("--"): parser_type(value) for option, value in zip(options[::2], options[1::2], strict=True)
    }


def parser_type(value: str) -> int | str:
    return int(value) if value.isdecimal() else value


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_waits_for_exists(name):
    assert set(SERVICES[name].get("depends_on", [])) <= set(SERVICES)


def test_two_workers_share_the_jobs():
    assert SERVICES["work"]["deploy"]["replicas"] == 2


def test_every_part_is_told_how_to_close_its_boxes():
    assert all(SERVICES[name]["environment"]["CLIPZY_SANDBOX"] == "${CLIPZY_SANDBOX:-best-effort}" for name in OURS)

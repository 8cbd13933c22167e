"""The wheel clipzy-client in an environment of its own, which has nothing of the server's."""

import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.acceptance.test_readme import example, run, size_of

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "packaging" / "client"


def needed(names: list[str]) -> set[str]:
    """These distributions and all that they need in turn, as they are installed here."""
    found: set[str] = set()
    while names:
        name = names.pop()
        if name not in found:
            found.add(name)
            asked = map(Requirement, distribution(name).requires or ())
            names += [each.name for each in asked if each.marker is None or each.marker.evaluate({"extra": ""})]
    return found


@pytest.fixture(scope="session")
def alone(tmp_path_factory) -> Path:
    """The folder of the programs of a clean environment: the wheel, and of the locked packages what it declares."""
    folder = tmp_path_factory.mktemp("alone")
    subprocess.run(
        [BUILD / "build.sh", folder / "dist"], check=True, env={"PYTHON": sys.executable, "PATH": "/usr/bin:/bin"}
    )
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    programs = folder / "venv" / "bin"
    pip = [programs / "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "--no-index"]
    subprocess.run([*pip, wheel], check=True)
    declared = tomllib.loads((BUILD / "pyproject.toml").read_text())["project"]
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    for name in needed(
        [Requirement(each).name for each in [*declared["dependencies"], *declared["optional-dependencies"]["cli"]]]
    ):
        for file in distribution(name).files or ():
            top = site / file.parts[0]
            if file.parts[0] != ".." and not top.exists():
                top.symlink_to(file.locate().parents[len(file.parts) - 2] if len(file.parts) > 1 else file.locate())
    return programs


def test_it_declares_all_it_needs_and_brings_nothing_of_the_server(alone):
    subprocess.run([alone / "pip", "--disable-pip-version-check", "check"], check=True)
    code = (
        "import importlib.util, pkgutil, clipzy_client, clipzy_client.cli\n"
        "for each in pkgutil.walk_packages(clipzy_client.__path__, 'clipzy_client.'): __import__(each.name)\n"
        "assert not any(map(importlib.util.find_spec, ('clipzy_server', 'sqlalchemy', 'numpy', 'dbos')))"
    )
    subprocess.run([alone / "python", "-I", "-c", code], check=True)


def test_the_readmes_program_transfers_a_style_with_it(alone, stack, folder):
    printed = run([str(alone / "python"), "-c", example("python").replace(":8000", f":{stack.port}")], folder)
    assert "rendering" in printed
    width, height = size_of(folder / "out.mp4")
    assert width < height


def test_its_command_transfers_a_style(alone, stack, folder):
    server = ["--server", f"127.0.0.1:{stack.port}", "--token", "@data/token"]
    clipzy = str(alone / "clipzy")
    run(
        [clipzy, "run", "footage.mp4", "--template", "template.mp4", "-o", "cli.mp4", "--quality", "low", *server],
        folder,
    )
    assert size_of(folder / "cli.mp4")
    assert "completed" in run([clipzy, "jobs", "list", *server], folder)
    assert run([clipzy, "--version"], folder).startswith("clipzy-client ")

"""The server's wheel is whole: the gateway's configuration and the console are in it."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parents[2]


def shipped(folder: Path, below: Path) -> set[str]:
    files = (file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return {file.relative_to(below).as_posix() for file in files}


def test_every_file_of_the_server_is_in_its_wheel(tmp_path):
    build = ROOT / "packaging" / "server" / "build.sh"
    subprocess.run([str(build), str(tmp_path)], env={"PYTHON": sys.executable, "PATH": "/usr/bin:/bin"}, check=True)
    (wheel,) = tmp_path.glob("clipzy-*.whl")
    names = set(ZipFile(wheel).namelist())
    gateway = {f"clipzy_server/{name}" for name in shipped(ROOT / "gateway", ROOT)}
    assert shipped(ROOT / "clipzy_server", ROOT) | shipped(ROOT / "gen", ROOT / "gen") | gateway <= names
    assert not {name.partition("/")[0] for name in names} & {"tests", "gen", "gateway", "build"}

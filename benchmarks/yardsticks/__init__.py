"""Other people's detectors, run in environments of their own: never a dependency of Clipzy."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parent.parent / ".yardsticks"


def ask(name: str, question: Any) -> Any:
    """What `NAME.py` here answers to a question, both JSON; made from `NAME.txt` is its environment."""
    python = ENVIRONMENTS / name / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENTS / name], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", HERE / f"{name}.txt"], check=True)
    run = subprocess.run(
        [python, HERE / f"{name}.py"], input=json.dumps(question), capture_output=True, text=True, check=True
    )
    return json.loads(run.stdout.splitlines()[-1])

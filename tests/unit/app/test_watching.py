"""What is shipped for Prometheus and Grafana asks only for what the code tells, and every alert says what to do."""

import json
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]
WATCHING = ROOT / "packaging" / "watching"
NAME = re.compile(r"\bclipzy_\w+")


def _told() -> set[str]:
    sources = (path.read_text() for path in (ROOT / "clipzy_server").rglob("*.py"))
    return {name for source in sources for name in re.findall(r'"(clipzy_[a-z_]+)"', source)}


def _asked(name: str) -> str:
    return re.sub(r"_(bucket|count|gcount|gsum|sum|total)$", "", name)


def _rules() -> list[dict]:
    return yaml.safe_load((WATCHING / "alerts.yaml").read_text())["groups"][0]["rules"]


def test_every_metric_of_alerts_and_dashboard_is_told_by_the_code() -> None:
    panels = json.loads((WATCHING / "dashboard.json").read_text())["panels"]
    expressions = [rule["expr"] for rule in _rules()] + [t["expr"] for panel in panels for t in panel["targets"]]
    asked = {_asked(name) for expression in expressions for name in NAME.findall(expression)}
    assert len(asked) > 10
    assert asked <= _told()


def test_every_alert_has_its_remedy_in_the_documentation() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    assert [rule["alert"] for rule in _rules() if f"| `{rule['alert']}` |" not in page] == []

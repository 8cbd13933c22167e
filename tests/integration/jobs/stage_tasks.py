"""Tiny stages: each notes that it ran, waits where the test says so, and returns what the next one reads."""

import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clipzy_server.domain.codec import to_plain
from clipzy_server.domain.errors import ErrorCode, StageFailed
from clipzy_server.domain.style import AspectRatio, AudioStyle, ColorGrade, StyleDna, Transition

Report = Callable[[float], None]

STYLE = StyleDna(
    color_grade=ColorGrade(temperature=3.0),
    aspect_ratio=AspectRatio.WIDE,
    frame_rate=30,
    audio_style=AudioStyle(),
    cut_frequency=7.5,
    motion_intensity=11.0,
    zoom_usage=0.0,
    primary_transition=Transition(),
    created_at=datetime(2026, 1, 2, tzinfo=UTC),
    source_duration_seconds=4.0,
    extraction_confidence=0.7,
)


def _play(stage: str, report: Report) -> None:
    folder = Path(os.environ["CLIPZY_TEST_FOLDER"])
    with (folder / "ran").open("a") as notes:
        notes.write(f"{stage} {os.getpid()}\n")
    for share in (0.0, 0.5, 1.0):
        report(share)
    while (folder / f"hold-{stage}").exists():
        time.sleep(0.01)
    if (folder / f"fail-{stage}").exists():
        raise StageFailed(ErrorCode.RENDER_FAILED, "It does not render.", "by order of the test")
    if (folder / f"blunder-{stage}").exists():
        raise ZeroDivisionError
    if (folder / f"crash-{stage}").exists():
        os.kill(os.getpid(), signal.SIGSEGV)
    if (folder / f"die-{stage}").exists():
        os.kill(os.getpid(), signal.SIGKILL)
    if (folder / f"hang-{stage}").exists():
        signal.pause()
    once = folder / f"full-once-{stage}"
    if once.exists() or (folder / f"full-{stage}").exists():
        once.unlink(missing_ok=True)
        Path("/dev/full").write_bytes(b"no room")
    once = folder / f"die-once-{stage}"
    if once.exists():
        once.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def video_analysis(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    sources = payload["inputs"]["sources"]
    for role, source in sources.items():
        folder = Path(payload["folder"]) / role
        folder.mkdir()
        (folder / "features.bin").write_bytes(Path(source["path"]).read_bytes())
    _play("video_analysis", report)
    style_role = payload["inputs"]["style_role"]
    return {"pictures": {role: {"of": role} for role in sources}, "colour": {"of": style_role}}


def audio_analysis(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    _play("audio_analysis", report)
    return {"sounds": {role: {"of": role} for role in payload["inputs"]["sources"]}}


def motion_analysis(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    for role, folder in payload["inputs"]["features"].items():
        assert (Path(folder) / "features.bin").exists(), role
    _play("motion_analysis", report)
    return {"motions": {role: {"of": role} for role in payload["inputs"]["pictures"]}}


def style_extraction(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    inputs = payload["inputs"]
    assert len({inputs[measured]["of"] for measured in ("picture", "colour", "sound", "motion")}) == 1
    _play("style_extraction", report)
    return {"style": to_plain(STYLE)}


def style_application(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    assert payload["inputs"]["picture"]["of"] == "footage"
    (Path(payload["folder"]) / "grade.cube").write_text("LUT_3D_SIZE 2\n")
    _play("style_application", report)
    planned = Path(os.environ["CLIPZY_TEST_FOLDER"]) / "parts"
    return {"plan": {"segments": []}, "parts": int(planned.read_text()) if planned.exists() else 1}


def rendering(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    assert (Path(payload["inputs"]["plan_folder"]) / "grade.cube").exists()
    number, parts = payload["inputs"]["part"], payload["inputs"]["parts"]
    if number is not None:
        (Path(payload["folder"]) / "part.mp4").write_text(f"part {number};")
        _play(f"part-{number}", report)
        return {}
    if parts:
        joined = "".join((Path(part) / "part.mp4").read_text() for part in parts)
        (Path(payload["folder"]) / "output.mp4").write_text(joined)
        _play("rendering", report)
        return {"fidelity": {}}
    (Path(payload["folder"]) / "output.mp4").write_bytes(b"video of " + Path(payload["inputs"]["footage"]).read_bytes())
    _play("rendering", report)
    return {"fidelity": {"cuts": {"template": 7.5, "output": 7.5, "nearness": 1.0}}}

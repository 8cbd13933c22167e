"""`clipzy inspect`: the style of one file, measured as a job measures it, without a server."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clipzy_server.app.boxes import box_policy, stage_limits
from clipzy_server.app.settings import Settings
from clipzy_server.domain.codec import from_plain, to_plain
from clipzy_server.domain.style import StyleDna
from clipzy_server.media.confinement import View
from clipzy_server.media.sandbox import Sandbox

_ROLE = "video"
_STAGES = ("video_analysis", "audio_analysis", "motion_analysis", "style_extraction", "inspection")
_PRELOADED = tuple(f"clipzy_server.stages.{name}" for name in _STAGES)

OnProgress = Callable[[str, float], None]
"""Told the name of what is being done and how far it is, 0…1."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Where the picture is to lie."""

    png: Path
    html: Path


async def inspect(path: Path, settings: Settings, drawn: Drawn | None, on_progress: OnProgress) -> StyleDna:
    """The file's Style DNA, and its picture where one is wanted.

    Everything that touches the file runs in the boxes of jobs. Raises Invalid for what is no video, StageFailed.
    """
    sandbox = Sandbox(_PRELOADED, stage_limits(settings), box_policy(settings))
    try:
        with tempfile.TemporaryDirectory(prefix="clipzy-inspect-") as folder:
            return await _Measuring(path, sandbox, Path(folder), on_progress).run(settings.beat_tracker.value, drawn)
    finally:
        await sandbox.close()


class _Measuring:
    """The stages on one file, one after the other."""

    def __init__(self, path: Path, sandbox: Sandbox, folder: Path, on_progress: OnProgress) -> None:
        self._path = str(path.resolve())
        self._name = path.name
        self._sandbox = sandbox
        self._folder = folder
        self._on_progress = on_progress

    async def run(self, beat_tracker: str, drawn: Drawn | None) -> StyleDna:
        payload = {"path": self._path, "filename": self._name}
        metadata = await self._call("probe", "clipzy_server.media.probe:probe_task", payload)
        sources = {_ROLE: {"path": self._path, "metadata": metadata}}
        seen = await self._stage("video_analysis", {"sources": sources, "style_role": _ROLE})
        picture = seen["pictures"][_ROLE]
        heard = await self._stage("audio_analysis", {"sources": sources, "beat_tracker": beat_tracker})
        features = str(self._folder / _ROLE)
        moved = await self._stage("motion_analysis", {"pictures": {_ROLE: picture}, "features": {_ROLE: features}})
        measures = {"picture": picture, "sound": heard["sounds"][_ROLE]}
        created_at = datetime.now(UTC).replace(microsecond=0).isoformat()
        extraction = {**measures, "motion": moved["motions"][_ROLE], "colour": seen["colour"], "created_at": created_at}
        style = (await self._stage("style_extraction", extraction))["style"]
        if drawn is not None:
            files = {name: str(self._folder / name) for name in ("png", "html")}
            shown = {"path": self._path, "name": self._name, "metadata": metadata, "features": features, "style": style}
            await self._stage("inspection", {**measures, **shown, **files})
            shutil.move(files["png"], drawn.png)
            shutil.move(files["html"], drawn.html)
        return from_plain(StyleDna, style)

    async def _stage(self, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        payload = {"inputs": to_plain(inputs), "folder": str(self._folder)}
        return await self._call(name, f"clipzy_server.stages.{name}:task", payload)

    async def _call(self, name: str, function: str, payload: dict[str, Any]) -> dict[str, Any]:
        view = View((self._path,), (str(self._folder),))
        answer = await self._sandbox.run(function, payload, lambda done: self._on_progress(name, done), view=view)
        self._on_progress(name, 1.0)
        return answer

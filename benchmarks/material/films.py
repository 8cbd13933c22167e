"""Stretches of real films without any join, and shots made of them by cropping, turning round and speeding up."""

import json
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.material.scenes import HEIGHT, WIDTH, Picture, Scene, covering, view
from clipzy_server.media.frames import decode

MARGIN_FRAMES = 3
LEAST_FRAMES = 40
LONGEST_FRAMES = 240


@dataclass(frozen=True)
class Stretch:
    """Frames first … last of a file: one shot without joins and titles."""

    path: Path
    first: int
    last: int


def stretches(folder: Path) -> list[Stretch]:
    """All of at least 40 frames in the videos that `labels.json` of a folder describes."""
    labels = json.loads((folder / "labels.json").read_text())
    found = []
    for name, label in labels.items():
        path = folder / "video" / name
        if isinstance(label, dict) and "cuts" in label and path.exists():
            frames = label.get("frames") or sum(1 for _ in decode(path))
            found += [
                Stretch(path, first, last) for first, last in _quiet(label, frames) if last - first >= LEAST_FRAMES
            ]
    return found


def _quiet(label: dict[str, Any], frames: int) -> list[tuple[int, int]]:
    busy = [(n, n) for n in label["cuts"]]
    for key in ("dissolves", "fade_in", "fade_out", "titles"):
        busy += [(item[-2] - 10, item[-1] + 10) for item in label.get(key, [])]
    found, at = [], 0
    for first, last in [*sorted(busy), (frames + MARGIN_FRAMES, 0)]:
        found.append((at, first - MARGIN_FRAMES - 1))
        at = max(at, last + MARGIN_FRAMES)
    return found


def shot(rng: np.random.Generator, stretch: Stretch) -> Scene:
    """A part of a stretch, of at most 240 frames: cropped, mirrored, backwards or at double speed as chance has it."""
    step = 2 if rng.random() < 0.3 and stretch.last - stretch.first >= 2 * LEAST_FRAMES else 1
    length = min(LONGEST_FRAMES * step, stretch.last - stretch.first + 1)
    first = int(rng.integers(stretch.first, stretch.last - length + 2))
    scale, mirrored, backwards = float(rng.uniform(1, 1.8)), rng.random() < 0.5, rng.random() < 0.3
    x, y = rng.uniform(-0.5, 0.5, 2) * (scale - 1) * np.array([WIDTH, HEIGHT])
    scene = []
    for frame in islice(decode(stretch.path), first, first + length, step):
        planes = []
        for plane, part in zip(covering(frame).planes, (1, 2, 2), strict=True):
            cropped = view(plane, x / scale / part, y / scale / part, scale, HEIGHT // part, WIDTH // part)
            planes.append((cropped[:, ::-1] if mirrored else cropped).round().astype(np.uint8))
        scene.append(Picture(*planes))
    return scene[::-1] if backwards else scene

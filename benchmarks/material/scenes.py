"""Moving pictures to join: procedural ones, made of noise and shapes under a moving camera, and shots of real files."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from clipzy_server.media.frames import Frame, decode

HEIGHT, WIDTH = 216, 384
ROOM = 2.0
NEUTRAL = 128.0

Plane = NDArray[Any]


@dataclass(frozen=True)
class Picture:
    """One frame: y [216, 384], u and v [108, 192], float32 or uint8, 8-bit BT.709 code values of limited range."""

    y: Plane
    u: Plane
    v: Plane

    @property
    def planes(self) -> tuple[Plane, Plane, Plane]:
        """All three."""
        return self.y, self.u, self.v


Scene = list[Picture]


def noise(rng: np.random.Generator, height: int, width: int, roughness: float) -> Plane:
    """Smooth noise of all scales, mean 0, standard deviation 1; `roughness` 0…1 weighs the fine ones."""
    total = np.zeros((height, width), np.float32)
    for octave in range(2, 8):
        cells = 2**octave
        grid = rng.standard_normal((cells * height // width + 3, cells + 3)).astype(np.float32)
        zoomed = ndimage.zoom(grid, width / cells, order=1)[:height, :width]
        total += zoomed * roughness ** (octave - 2)
    return np.asarray((total - total.mean()) / total.std(), np.float32)


def canvas(rng: np.random.Generator, height: int, width: int) -> Picture:
    """A picture of textured areas with sharp borders in a few colours."""
    rough = float(rng.uniform(0.45, 0.85))
    y = rng.uniform(50, 180) + rng.uniform(10, 40) * noise(rng, height, width, rough)
    colours = [NEUTRAL + rng.uniform(-30, 30) + 8 * noise(rng, height, width, 0.5) for _ in "uv"]
    for _ in range(int(rng.integers(5, 30))):
        _add_shape(rng, [y, *colours])
    return Picture(np.clip(y, 18, 233), *(np.clip(c, 30, 226)[::2, ::2] for c in colours))


def _add_shape(rng: np.random.Generator, planes: list[Plane]) -> None:
    """An ellipse or a bar with a colour of its own."""
    height, width = planes[0].shape
    turn, size = rng.uniform(0, np.pi), rng.uniform(0.02, 0.2) * width
    top, left = (int(rng.uniform(-0.5 * size, side - 0.5 * size)) for side in (height, width))
    box = tuple(slice(max(0, start), int(start + 2 * size)) for start in (top, left))
    down, along = np.mgrid[box].astype(np.float32)
    dx, dy = along - left - size, down - top - size
    one = np.abs(dx * np.cos(turn) + dy * np.sin(turn)) / size
    other = np.abs(dy * np.cos(turn) - dx * np.sin(turn)) / (size * rng.uniform(0.2, 1))
    kept = [plane[box] for plane in planes]
    down, along = (axis[: kept[0].shape[0], : kept[0].shape[1]] for axis in (one, other))
    inside = (down**2 + along**2 < 1) if rng.random() < 0.5 else (np.maximum(down, along) < 0.7)
    for plane, level, span in zip(kept, (125, NEUTRAL, NEUTRAL), (100, 45, 45), strict=True):
        plane[inside] = level + rng.uniform(-span, span) + 0.4 * (plane[inside] - plane.mean())


def camera(rng: np.random.Generator, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64[n, 3]: shift along and down in widths, log scale; still, panning, zooming or handheld."""
    path = np.zeros((len(times_s), 3))
    kind = rng.choice(["still", "pan", "zoom", "handheld"], p=[0.25, 0.3, 0.2, 0.25])
    if kind == "pan":
        turn = rng.uniform(0, 2 * np.pi)
        path[:, :2] = times_s[:, None] * rng.uniform(0.02, 0.2) * np.array([np.cos(turn), 0.5 * np.sin(turn)])
    if kind == "zoom":
        path[:, 2] = times_s * rng.choice([-1, 1]) * rng.uniform(0.02, 0.12)
    if kind == "handheld":
        for axis in (0, 1):
            for hz in rng.uniform(0.4, 3.5, 5):
                path[:, axis] += rng.uniform(0.001, 0.005) / hz * np.sin(2 * np.pi * (hz * times_s + rng.random()))
    return path


def view(plane: Plane, x: float, y: float, scale: float, height: int, width: int) -> Plane:
    """The part of a plane around its centre, shifted by (x, y) px and magnified, bilinear."""
    matrix = np.array([1 / scale, 1 / scale])
    centre = np.array([plane.shape[0] / 2 + y, plane.shape[1] / 2 + x])
    offset = centre - matrix * (np.array([height, width]) - 1) / 2 - 0.5
    return np.asarray(
        ndimage.affine_transform(plane, matrix, offset, (height, width), np.float32, order=1, mode="mirror")
    )


def procedural(rng: np.random.Generator, count: int, rate: float) -> Scene:
    """A shot of `count` frames: a canvas filmed by a camera, sometimes with something moving in front."""
    big = canvas(rng, int(HEIGHT * ROOM), int(WIDTH * ROOM))
    times_s = np.arange(count) / rate
    path = camera(rng, times_s - times_s[-1] / 2)
    actor = _Actor(rng) if rng.random() < 0.4 else None
    noisy = float(rng.choice([0.0, 1.0, 3.0]))
    scene = []
    for time_s, (x, y, log_scale) in zip(times_s, path, strict=True):
        scale = float(np.exp(log_scale))
        luma = view(big.y, x * WIDTH, y * WIDTH, scale, HEIGHT, WIDTH)
        chroma = [view(c, x * WIDTH / 2, y * WIDTH / 2, scale, HEIGHT // 2, WIDTH // 2) for c in (big.u, big.v)]
        if actor is not None:
            actor.enter(float(time_s), luma, chroma)
        if noisy:
            luma = luma + rng.standard_normal(luma.shape).astype(np.float32) * noisy
        scene.append(Picture(luma, chroma[0], chroma[1]))
    return scene


class _Actor:
    """Something that moves to and fro in front of the camera."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._hz, self._phase = rng.uniform(0.1, 0.5), rng.random()
        self._reach, self._height = rng.uniform(0.1, 0.4), rng.uniform(0.3, 0.7)
        self._size = rng.uniform(0.08, 0.2) * WIDTH
        self._look = canvas(rng, HEIGHT, WIDTH)

    def enter(self, time_s: float, luma: Plane, chroma: list[Plane]) -> None:
        """Paint it into the planes."""
        x = 0.5 + self._reach * np.sin(2 * np.pi * (self._hz * time_s + self._phase))
        for plane, look, part in zip((luma, *chroma), self._look.planes, (1, 0.5, 0.5), strict=True):
            down, along = np.mgrid[0 : plane.shape[0], 0 : plane.shape[1]]
            dx, dy = along - x * WIDTH * part, down - self._height * HEIGHT * part
            inside = (dx / (self._size * part)) ** 2 + (dy / (1.5 * self._size * part)) ** 2 < 1
            plane[inside] = look[inside]


def real(path: Path, stretches: list[tuple[int, int]]) -> list[Scene]:
    """Frames first … last of each stretch of a file (in order, apart), covering 384 × 216 px."""
    scenes: list[Scene] = [[] for _ in stretches]
    wanted = {
        number: scene
        for (first, last), scene in zip(stretches, scenes, strict=True)
        for number in range(first, last + 1)
    }
    for number, frame in enumerate(decode(path)):
        if number > max(wanted, default=-1):
            break
        if number in wanted:
            wanted[number].append(covering(frame))
    return scenes


def covering(frame: Frame) -> Picture:
    """A frame scaled and cropped to 384 × 216 px."""
    height, width = frame.y.shape
    scale = max(WIDTH / width, HEIGHT / height)
    planes = []
    for plane, part in ((frame.y, 1), (frame.u, 2), (frame.v, 2)):
        step = max(1, int(1 / scale))
        rows, columns = plane.shape[0] // step, plane.shape[1] // step
        small = (
            plane[: rows * step, : columns * step]
            .reshape(rows, step, columns, step)
            .mean(axis=(1, 3), dtype=np.float32)
        )
        planes.append(view(small, 0, 0, scale * step, HEIGHT // part, WIDTH // part).round().astype(np.uint8))
    return Picture(*planes)


def played(scene: Scene, start: int, count: int) -> Scene:
    """`count` frames from `start`, to and fro."""
    turn = np.arange(start, start + count) % max(1, 2 * len(scene) - 2)
    return [scene[k if k < len(scene) else 2 * len(scene) - 2 - k] for k in turn]

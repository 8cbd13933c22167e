"""One shot in which something happens that is no join."""

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from benchmarks.material.scenes import HEIGHT, NEUTRAL, ROOM, WIDTH, Picture, Plane, Scene, canvas, procedural, view

SECONDS = 5.0


def lit(picture: Picture, gain: float, lift: float, chroma: float = 1.0) -> Picture:
    """Brighter or darker."""
    u, v = (NEUTRAL + chroma * (plane - NEUTRAL) for plane in (picture.u, picture.v))
    return Picture(np.clip((picture.y - 16) * gain + 16 + lift, 16, 235), u, v)


def flashes(rng: np.random.Generator, rate: float) -> Scene:
    """Single bright frames."""
    scene = procedural(rng, int(SECONDS * rate), rate)
    at = int(0.6 * rate)
    while at < len(scene) - 4:
        for k, power in enumerate(rng.permutation([1.0, 0.5, 0.2])[: int(rng.integers(1, 4))]):
            scene[at + k] = lit(scene[at + k], 1 + power, 90 * power, 1 - 0.6 * power)
        at += int(rng.uniform(0.5, 1.4) * rate)
    return scene


def strobe(rng: np.random.Generator, rate: float) -> Scene:
    """Light on and off several times a second."""
    scene, period = procedural(rng, int(SECONDS * rate), rate), rate / rng.uniform(4, 11)
    lows = rng.uniform(0.05, 0.4)
    middle = range(int(0.6 * rate), len(scene) - int(0.6 * rate))
    for k in middle:
        scene[k] = lit(scene[k], lows, 0, lows) if k % period >= period / 2 else lit(scene[k], 1.2, 0)
    return scene


def whip_pan(rng: np.random.Generator, rate: float) -> Scene:
    """The camera is torn round by one to three widths, blurred on the way."""
    big = canvas(rng, int(HEIGHT * 1.6), WIDTH * 5)
    times_s = np.arange(int(SECONDS * rate)) / rate
    travel = -1.6 * WIDTH + 20 * times_s
    for at_s in (1.2, 3.2):
        s = np.clip((times_s - at_s) / rng.uniform(0.2, 0.5), 0, 1)
        travel += rng.uniform(0.8, 2.0) * WIDTH * s * s * (3 - 2 * s)
    upright = rng.random() < 0.3
    scene, before = [], travel[0]
    for x in travel:
        blur = max(1, int(abs(x - before) / 2))
        planes = []
        for plane, part in zip(big.planes, (1, 2, 2), strict=True):
            seen = view(plane, x / part, 0, 1, HEIGHT // part, WIDTH // part)
            planes.append(ndimage.uniform_filter1d(seen, max(1, blur // part), axis=1))
        before = x
        scene.append(Picture(*planes))
    return [_quarter(picture) for picture in scene] if upright else scene


def _quarter(picture: Picture) -> Picture:
    """The picture turned, so that a pan is a tilt."""
    return Picture(*(view(np.ascontiguousarray(np.rot90(p)), 0, 0, 16 / 9, *p.shape) for p in picture.planes))


def fast_object(rng: np.random.Generator, rate: float) -> Scene:
    """Something large crosses the picture close to the lens, twice."""
    scene = procedural(rng, int(SECONDS * rate), rate)
    look = canvas(rng, HEIGHT, WIDTH)
    for at_s in (1.0, 3.0):
        length = int(rng.uniform(0.3, 1.0) * rate)
        way, size = rng.choice([-1, 1]), rng.uniform(0.25, 0.6)
        for k in range(length):
            x = 0.5 + way * (1 + size) * (k / length - 0.5) * 1.2
            number = int(at_s * rate) + k
            scene[number] = Picture(
                *(_covered(p, q, x, size) for p, q in zip(scene[number].planes, look.planes, strict=True))
            )
    return scene


def _covered(plane: Plane, look: Plane, x: float, size: float) -> Plane:
    height, width = plane.shape
    down, along = np.mgrid[0:height, 0:width].astype(np.float32)
    inside = ((along / width - x) / (size / 2)) ** 2 + ((down / height - 0.6) / 0.55) ** 2
    share = np.clip((1 - inside) * 4, 0, 1)
    moved = np.roll(look, int((x - 0.5) * width), axis=1)
    return plane * (1 - share) + ndimage.uniform_filter(moved, 5) * share


def titles(rng: np.random.Generator, rate: float) -> Scene:
    """Lines of bright blocks appear, fade in and vanish."""
    scene = procedural(rng, int(SECONDS * rate), rate)
    for begin_s, smooth_s in ((0.7, 0.0), (2.0, 0.4), (3.4, 0.2)):
        mask = np.zeros((HEIGHT, WIDTH), np.float32)
        for line in range(int(rng.integers(1, 4))):
            for x in range(40, 340, 12):
                if rng.random() < 0.8:
                    mask[90 + 32 * line : 112 + 32 * line, x : x + 7] = 1
        for k in range(int(begin_s * rate), min(len(scene), int((begin_s + 1.1) * rate))):
            since = k / rate - begin_s
            share = 1.0 if smooth_s == 0 else float(np.clip(min(since, 1.1 - since) / smooth_s, 0, 1))
            scene[k] = Picture(scene[k].y * (1 - mask * share) + 230 * mask * share, scene[k].u, scene[k].v)
    return scene


def grain(rng: np.random.Generator, rate: float) -> Scene:
    """A still picture under heavy noise."""
    still = canvas(rng, HEIGHT, WIDTH)
    sigma = rng.uniform(5, 30)
    return [
        Picture(np.clip(still.y + rng.normal(0, sigma, still.y.shape), 0, 255), still.u, still.v)
        for _ in range(int(SECONDS * rate))
    ]


def half_fade(rng: np.random.Generator, rate: float) -> Scene:
    """The light goes down to a part, or up, and comes back, or stays so."""
    scene = procedural(rng, int(SECONDS * rate), rate)
    depth, stays = rng.choice([rng.uniform(0.25, 0.6), rng.uniform(1.4, 1.9)]), rng.random() < 0.4
    length_s = rng.uniform(0.2, 1.0)
    for k, picture in enumerate(scene):
        since = (k / rate - 1.5) / length_s
        down = float(np.clip(since, 0, 1)) if stays else float(np.clip(min(since, 3 - since), 0, 1))
        scene[k] = lit(picture, 1 + (depth - 1) * down, 0)
    return scene


def snap_zoom(rng: np.random.Generator, rate: float) -> Scene:
    """The camera zooms in fast, by half to three times, and stays there."""
    big = canvas(rng, int(HEIGHT * ROOM), int(WIDTH * ROOM))
    length_s, peak = rng.uniform(0.15, 0.6), rng.uniform(1.5, 3.0)
    scene = []
    for k in range(int(SECONDS * rate)):
        scale = peak ** float(np.clip((k / rate - 2) / length_s, 0, 1))
        planes = zip(big.planes, (1, 2, 2), strict=True)
        scene.append(Picture(*(view(p, 0, 0, scale, HEIGHT // part, WIDTH // part) for p, part in planes)))
    return scene


def blur(rng: np.random.Generator, rate: float) -> Scene:
    """The picture goes out of focus and comes back."""
    scene = procedural(rng, int(SECONDS * rate), rate)
    for k, picture in enumerate(scene):
        sigma = 14 * max(0.0, float(np.sin(np.pi * (k / rate - 1) / 2.5))) if 1 < k / rate < 3.5 else 0
        scene[k] = Picture(
            *(ndimage.gaussian_filter(p, sigma / part) for p, part in zip(picture.planes, (1, 2, 2), strict=True))
        )
    return scene


TRAPS: dict[str, Callable[[np.random.Generator, float], Scene]] = {
    trap.__name__: trap for trap in (flashes, strobe, whip_pan, fast_object, titles, grain, half_fade, snap_zoom, blur)
}

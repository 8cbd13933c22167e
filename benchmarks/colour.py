"""How near do colours come to a template's? Ours, Reinhard's transfer and `color-matcher` on the same pairs.

The distance is measured in CIELAB, which none of the three works in: mean Wasserstein distance of the pixels on 32
directions, as a share of what it was before. `clipped` is the share of pixels that came to lie at an end of the scale.
`color-matcher` is installed into an environment of its own, which lives as long as the run. `CLIPZY_BENCH_MEDIA` may
name a folder of videos; each then gets the colours of the next as well.
"""

import os
import subprocess
import tempfile
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from clipzy_server.analysis.colour.measure import measure_colour, sample_colours
from clipzy_server.analysis.colour.thumbs import Thumbs
from clipzy_server.analysis.picture.feature_pass import measure_features
from clipzy_server.domain.oklab import rgb_from_planes
from clipzy_server.media.frames import Frame, decode
from clipzy_server.rendering.grade import apply_grade, build_grade
from demo.clips import make_footage, make_template

Pixels = npt.NDArray[np.uint8]

FRAMES, WIDTH, HEIGHT = 12, 256, 144
DIRECTIONS, QUANTILES = 32, 200
PEER = "color-matcher==0.6.0"
PEER_PROGRAM = """
import sys
import numpy as np
from color_matcher import ColorMatcher

pair = np.load(sys.argv[1])
made = ColorMatcher(pair["footage"], pair["template"], method="hm-mkl-hm").main()
np.save(sys.argv[2], np.clip(np.rint(made), 0, 255).astype(np.uint8))
"""


@dataclass(frozen=True)
class Shown:
    """Frames of one video as one picture, uint8[12 · 144, 256, 3], and the frames themselves."""

    path: Path
    frames: tuple[Frame, ...]
    pixels: Pixels


def shown(path: Path) -> Shown:
    """Twelve frames evenly spread over a video."""
    count = sum(1 for _ in decode(path))
    wanted = {int((k + 0.5) * count / FRAMES) for k in range(FRAMES)}
    frames = tuple(owned(frame) for number, frame in enumerate(decode(path)) if number in wanted)
    return Shown(path, frames, picture(frames))


def owned(frame: Frame) -> Frame:
    """A copy of even size."""
    height, width = (side // 2 * 2 for side in frame.y.shape)
    chroma = (slice(height // 2), slice(width // 2))
    return Frame(frame.time_s, frame.y[:height, :width].copy(), frame.u[chroma].copy(), frame.v[chroma].copy())


def picture(frames: tuple[Frame, ...]) -> Pixels:
    """The frames below each other as RGB."""
    size, filtered = (WIDTH, HEIGHT), Image.Resampling.BOX
    made = []
    for frame in frames:
        planes = [np.asarray(Image.fromarray(plane).resize(size, filtered)) for plane in (frame.y, frame.u, frame.v)]
        made.append(np.rint(np.clip(rgb_from_planes(*planes), 0, 1) * 255))
    return np.concatenate(made).astype(np.uint8)


def ours(footage: Shown, template: Shown) -> Pixels:
    """The frames with the grade of a job, through the same table and kernel."""
    samples, measured = [], []
    with tempfile.TemporaryDirectory() as scratch:
        for number, one in enumerate((footage, template)):
            folder = Path(scratch) / str(number)
            measure_features(decode(one.path), folder, 1.0, lambda _: None)
            samples.append(sample_colours(Thumbs.open(folder)))
            measured.append(measure_colour(Thumbs.open(folder)))
    grade = build_grade(samples[0], measured[1].look, measured[1].grade)
    frames = tuple(owned(frame) for frame in footage.frames)
    for frame in frames:
        apply_grade(grade.prism, frame.y, frame.u, frame.v)
    return picture(frames)


TO_CONES = np.array([[0.3811, 0.5783, 0.0402], [0.1967, 0.7244, 0.0782], [0.0241, 0.1288, 0.8444]])
TO_AXES = np.diag([3**-0.5, 6**-0.5, 2**-0.5]) @ np.array([[1, 1, 1], [1, 1, -2], [1, -1, 0]])


def reinhard(footage: Pixels, template: Pixels) -> Pixels:
    """Mean and deviation of each axis of lαβ: Reinhard, Ashikhmin, Gooch, Shirley, "Color Transfer between Images"."""

    def axes(pixels: Pixels) -> npt.NDArray[np.float64]:
        cones = np.maximum(pixels.reshape(-1, 3) / 255.0, 1 / 255) @ TO_CONES.T
        return np.asarray(np.log10(cones) @ TO_AXES.T)

    source, target = axes(footage), axes(template)
    moved = (source - source.mean(0)) / source.std(0) * target.std(0) + target.mean(0)
    rgb = 10 ** (moved @ np.linalg.inv(TO_AXES).T) @ np.linalg.inv(TO_CONES).T
    return np.rint(np.clip(rgb, 0, 1) * 255).astype(np.uint8).reshape(footage.shape)


class Peer:
    """`color-matcher` in an environment of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        venv.create(folder / "env", with_pip=True)
        self._python = folder / "env" / "bin" / "python"
        install = ["-m", "pip", "install", "-q", "--disable-pip-version-check", PEER]
        subprocess.run([self._python, *install], check=True)

    def match(self, footage: Pixels, template: Pixels) -> Pixels:
        """All frames as one picture, so that one map serves the whole video."""
        pair, made = self._folder / "pair.npz", self._folder / "made.npy"
        np.savez(pair, footage=footage, template=template)
        subprocess.run([self._python, "-c", PEER_PROGRAM, pair, made], check=True)
        return np.asarray(np.load(made), np.uint8)


def cielab(pixels: Pixels) -> npt.NDArray[np.float64]:
    """CIELAB (D65) of BT.709 RGB with the sRGB curve, [n, 3]."""
    value = pixels.reshape(-1, 3) / 255.0
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.119192, 0.9503041]]
    )
    xyz = linear @ to_xyz.T / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=-1)


def distance(one: Pixels, other: Pixels) -> float:
    """Mean Wasserstein distance of the pixels' projections."""
    directions = np.random.default_rng(7).normal(size=(DIRECTIONS, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    places = (np.arange(QUANTILES) + 0.5) / QUANTILES
    clouds = [np.quantile(cielab(pixels) @ directions.T, places, axis=0) for pixels in (one, other)]
    return float(np.abs(clouds[0] - clouds[1]).mean())


def clipped(pixels: Pixels) -> float:
    """Share of pixels with a channel at an end of the scale."""
    return float(((pixels <= 1) | (pixels >= 254)).any(axis=-1).mean())


def pairs(scratch: Path) -> Iterator[tuple[Path, Path]]:
    """Footage and template: the demo's, and the given videos, each with the next."""
    footage, reel, calm = (scratch / f"{name}.mp4" for name in ("rabbit", "reel", "calm"))
    make_footage(footage)
    for name in ("reel", "calm"):
        make_template(scratch / f"{name}.mp4", name)
    yield from ((footage, reel), (footage, calm), (reel, footage), (calm, reel))
    folder = os.environ.get("CLIPZY_BENCH_MEDIA")
    videos = sorted(Path(folder).glob("video/*.mp4")) if folder else []
    yield from zip(videos, [*videos[1:], *videos[:1]], strict=True)


def main() -> None:
    """Prints a row for each pair and the medians, in Markdown."""
    ways, rows = ("Clipzy", "Reinhard", "color-matcher"), []
    print("| footage ← template | distance before |", *(f"{way}: left | clipped |" for way in ways))
    print("|---|---|" + "---|---|" * len(ways))
    with tempfile.TemporaryDirectory() as scratch:
        peer = Peer(Path(scratch))
        for footage_path, template_path in pairs(Path(scratch)):
            footage, template = shown(footage_path), shown(template_path)
            source, target = footage.pixels, template.pixels
            before = distance(source, target)
            results = [ours(footage, template), reinhard(source, target), peer.match(source, target)]
            row = [
                value
                for made in results
                for value in (distance(made, target) / before, clipped(made) - clipped(source))
            ]
            rows.append(row)
            print_row(f"{footage_path.stem} ← {template_path.stem}", f"{before:.1f}", row)
    print_row("median", "", np.median(rows, axis=0).tolist())


def print_row(name: str, before: str, row: list[float]) -> None:
    """One line of the table."""
    print(f"| {name} | {before} |", " ".join(f"{value:.3f} |" for value in row), flush=True)


if __name__ == "__main__":
    main()

"""How truly words over the picture are found, on clips of known truth: over still and moving scenes, and without any.

Development seeds may be looked at; held-out seeds only count. `CLIPZY_BENCH_MEDIA` may name a folder of videos with a
`labels.json`, whose shots serve as scenes as well.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from benchmarks.joins import real_scenes
from benchmarks.material.captions import KINDS, Caption, Clip, Rgb, caption_clip
from clipzy_server.analysis.picture.feature_pass import measure_features
from clipzy_server.analysis.picture.shots import find_shots
from clipzy_server.analysis.words.marks import Line
from clipzy_server.analysis.words.overlays import is_laid_over, joined, words_of
from clipzy_server.analysis.words.watch import WordWatch
from clipzy_server.domain.analysis import Shot
from clipzy_server.domain.oklab import oklab_from_rgb, rgb_from_planes
from clipzy_server.media.frames import decode

SEEDS = {"development": tuple(range(42)), "held out": (*range(2002, 2044), *range(3010, 3038))}


@dataclass(frozen=True)
class Found:
    """What Clipzy says of a clip."""

    lines: list[Line]
    shots: tuple[Shot, ...]
    use_subtitles: bool
    confidence: float


@dataclass
class Score:
    """Counts over all clips of a set of seeds."""

    drawn: Counter[str] = field(default_factory=Counter)
    hit: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    pairs: list[tuple[Caption, Line]] = field(default_factory=list)
    subtitles: list[tuple[bool, bool]] = field(default_factory=list)

    def add(self, clip: Clip, found: Found) -> None:
        """One clip."""
        matched = pairs(clip.captions, found.lines)
        self.pairs += matched
        self.drawn[clip.kind] += len(clip.captions)
        self.hit[clip.kind] += len(matched)
        self.false[clip.kind] += len(found.lines) - len(matched)
        self.subtitles.append((clip.has_subtitles, found.use_subtitles))

    def lines(self) -> Iterator[str]:
        """The figures."""
        drawn, hit, false = self.drawn.total(), self.hit.total(), self.false.total()
        yield f"lines: recall {hit / drawn:.3f}  precision {hit / max(1, hit + false):.3f}  ({drawn} drawn)"
        yield "  " + ", ".join(f"{k} {self.hit[k]}/{self.drawn[k]} (+{self.false[k]})" for k in KINDS)
        right = [truth == said for truth, said in self.subtitles]
        yield f"use_subtitles right {np.mean(right):.3f} of {len(right)}"
        for name, errors in _errors(self.pairs).items():
            yield f"{name}: median {np.median(errors):.3g}, p90 {np.percentile(errors, 90):.3g}"


def _errors(matched: Sequence[tuple[Caption, Line]]) -> dict[str, list[float]]:
    return {
        "start, ms": [1000 * abs(line.start_s - drawn.start_s) for drawn, line in matched],
        "end, ms": [1000 * abs(line.end_s - drawn.end_s) for drawn, line in matched],
        "middle, line heights": [_middle_off(drawn, line) for drawn, line in matched],
        "height, share": [abs(line.area.height / (d.box[3] - d.box[1]) - 1) for d, line in matched],
        "colour, OkLab": [_colour_off(drawn.color, line.color) for drawn, line in matched],
        "letters wrong, share": [1 - _alike(drawn.words, line.reading.words) for drawn, line in matched],
    }


def pairs(captions: Sequence[Caption], lines: Sequence[Line]) -> list[tuple[Caption, Line]]:
    """Each drawn line with the found one that shares half of its time and of its height and width with it."""
    free, found = list(lines), []
    for drawn in captions:
        best = max(free, key=lambda line: _common(drawn, line), default=None)
        if best is not None and _common(drawn, best) >= 0.5:
            free.remove(best)
            found.append((drawn, best))
    return found


def _common(drawn: Caption, line: Line) -> float:
    """The least share in common, of time, of width and of height."""
    left, top, right, bottom = drawn.box
    spans = (
        (drawn.start_s, drawn.end_s, line.start_s, line.end_s),
        (left, right, line.area.left, line.area.right),
        (top, bottom, line.area.top, line.area.bottom),
    )
    return min((min(b, d) - max(a, c)) / max(b - a, d - c, 1e-9) for a, b, c, d in spans)


def _middle_off(drawn: Caption, line: Line) -> float:
    left, top, right, bottom = drawn.box
    x, y = (line.area.left + line.area.right - left - right) / 2, (line.area.top + line.area.bottom - top - bottom) / 2
    return float(np.hypot(x, y)) / (bottom - top)


def _colour_off(one: str, other: str) -> float:
    rgb = np.array([[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in (one, other)], np.float32) / 255
    lab = oklab_from_rgb(rgb)
    return float(np.linalg.norm(lab[0] - lab[1]))


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one.lower(), other.lower(), autojunk=False).ratio()


def real_footage() -> list[list[Rgb]]:
    """The shots of `joins` as RGB."""
    shots = []
    for scene in real_scenes():
        frames = []
        for picture in scene:
            full = [np.repeat(np.repeat(plane, 2, 0), 2, 1) for plane in (picture.u, picture.v)]
            frames.append((np.clip(rgb_from_planes(picture.y, *full), 0, 1) * 255).astype(np.uint8))
        shots.append(frames)
    return shots


def encode(path: Path, clip: Clip, crf: int) -> None:
    """H.264, 4:2:0."""
    height, width = clip.frames[0].shape[:2]
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=Fraction(clip.rate), options={"preset": "superfast", "crf": str(crf)})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.thread_count, stream.codec_context.colorspace = 1, 1
        for picture in clip.frames:
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            out.mux(stream.encode(frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")))
        out.mux(stream.encode(None))


def found_in(path: Path, folder: Path) -> Found:
    """What a job would say of the file."""
    watch = WordWatch()
    features = measure_features(watch.watching(decode(path)), folder, 1.0, lambda _: None)
    shots, lines = find_shots(features), watch.lines()
    height, width = next(decode(path)).y.shape
    words = words_of(lines, shots, (width, height), watch.watched)
    return Found(
        [one for one in joined(lines) if is_laid_over(one, shots)], shots, words.use_subtitles, words.confidence
    )


def main() -> None:
    """Prints the figures of both sets of seeds."""
    footage = real_footage()
    with tempfile.TemporaryDirectory() as folder:
        for name, seeds in SEEDS.items():
            score = Score()
            for seed in seeds:
                clip, path = caption_clip(seed, footage), Path(folder) / f"{seed}.mp4"
                encode(path, clip, 18 + seed % 3 * 5)
                score.add(clip, found_in(path, Path(folder) / "features"))
                path.unlink()
            print(name, *score.lines(), sep="\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())

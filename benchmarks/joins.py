"""How truly joins are found: kind, extent and easing on clips of known truth, and false ones where there is none.

Development seeds may be looked at; held-out seeds only count. `CLIPZY_BENCH_MEDIA` may name a folder of videos with
a `labels.json`, whose shots are joined as well.
"""

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby, islice
from pathlib import Path

import av
import numpy as np

from benchmarks.material.films import Stretch, shot, stretches
from benchmarks.material.joins import Truth, join, random_style
from benchmarks.material.scenes import HEIGHT, WIDTH, Scene, procedural, real
from benchmarks.material.traps import TRAPS
from clipzy_server.analysis.picture.feature_pass import measure_features
from clipzy_server.analysis.picture.features import Features
from clipzy_server.analysis.picture.shots import find_shots
from clipzy_server.domain.analysis import Join
from clipzy_server.domain.style import TransitionType
from clipzy_server.media.frames import decode

RATES = (Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30), Fraction(50), Fraction(60))
SEEDS = {"development": range(40), "held out": range(1000, 1040)}
TRAP_SEEDS = {"development": range(3), "held out": range(1000, 1003)}
SLACK_S = 0.15
EASED_S = 0.3


@dataclass(frozen=True)
class Clip:
    """A clip's pictures and its joins; a trap has none."""

    name: str
    frames: Scene
    rate: Fraction
    seed: int
    truths: tuple[Truth, ...]


def media_stretches() -> list[Stretch]:
    """Stretches of labelled films without joins."""
    folder = os.environ.get("CLIPZY_BENCH_MEDIA")
    return stretches(Path(folder)) if folder else []


def real_scenes() -> list[Scene]:
    """The first 60 frames of stretches, at most four of each file."""
    scenes: list[Scene] = []
    for path, own in groupby(media_stretches(), lambda stretch: stretch.path):
        scenes += real(path, [(one.first, min(one.last, one.first + 59)) for one in islice(own, 4)])
    return scenes


def joined_clip(seed: int, shots: list[Scene]) -> tuple[Scene, list[Truth], Fraction]:
    """Four joins of any kind between five scenes."""
    rng = np.random.default_rng(seed)
    rate = RATES[int(rng.integers(len(RATES)))]
    styles = [random_style(rng) for _ in range(4)]
    alone = [int(rng.uniform(0.4, 1.6) * rate) + 2 for _ in range(5)]
    scenes = []
    picks = rng.permutation(max(1, len(shots)))
    for i in range(5):
        room = alone[i] + sum(int(style.duration_s * rate) for style in styles[max(0, i - 1) : i + 1]) + 2
        use_real = shots and rng.random() < 0.5
        scenes.append(shots[picks[i % len(picks)]] if use_real else procedural(rng, room, float(rate)))
    frames, truths = join(scenes, alone, styles, float(rate))
    return frames, truths, rate


def encode(path: Path, frames: Scene, rate: Fraction, crf: int) -> None:
    """H.264, 4:2:0."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=rate, options={"preset": "superfast", "crf": str(crf)})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.thread_count, stream.codec_context.colorspace = 1, 1
        for picture in frames:
            rows = [np.clip(plane + 0.5, 0, 255).astype(np.uint8) for plane in picture.planes]
            frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
            for plane, samples in zip(frame.planes, rows, strict=True):
                padded = np.zeros((plane.height, plane.line_size), np.uint8)
                padded[: samples.shape[0], : samples.shape[1]] = samples
                plane.update(padded.tobytes())
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def measured(folder: Path, clip: Clip) -> Features:
    """The features of the encoded clip, as a job would have them."""
    folder.mkdir(parents=True, exist_ok=True)
    encode(folder / "clip.mp4", clip.frames, clip.rate, 18 + clip.seed % 3 * 5)
    return measure_features(decode(folder / "clip.mp4"), folder, len(clip.frames) / float(clip.rate), lambda _: None)


def clips(seeds: range, trap_seeds: range) -> Iterator[Clip]:
    """All clips of these seeds: joins, then every trap, then one shot of every stretch of the labelled films."""
    scenes = real_scenes()
    for seed in seeds:
        frames, truths, rate = joined_clip(seed, scenes)
        yield Clip(f"joins-{seed}", frames, rate, seed, tuple(truths))
    for trap, make in TRAPS.items():
        for seed in trap_seeds:
            rng = np.random.default_rng(seed)
            rate = RATES[int(rng.integers(len(RATES)))]
            yield Clip(f"{trap}-{seed}", make(rng, float(rate)), rate, seed, ())
    for number, stretch in enumerate(media_stretches()):
        seed = trap_seeds.start + number
        rng = np.random.default_rng(seed)
        yield Clip(f"film-{seed}", shot(rng, stretch), RATES[int(rng.integers(len(RATES)))], seed, ())


def found_in(features: Features) -> list[Join]:
    """The joins between the shots; an opening fade is none."""
    return [shot.join for shot in find_shots(features)[1:] if shot.join is not None]


def pairs(truths: tuple[Truth, ...], joins: list[Join]) -> list[tuple[Truth, Join]]:
    """Each truth with the join whose middle lies within its extent, 150 ms either side, the nearest first."""
    gaps = []
    for i, truth in enumerate(truths):
        for k, join_ in enumerate(joins):
            middle_s = join_.start_s + join_.duration_s / 2
            if truth.start_s - SLACK_S <= middle_s <= truth.end_s + SLACK_S:
                gaps.append((abs(middle_s - (truth.start_s + truth.end_s) / 2), i, k))
    chosen: dict[int, int] = {}
    for _, i, k in sorted(gaps):
        if i not in chosen and k not in chosen.values():
            chosen[i] = k
    return [(truths[i], joins[k]) for i, k in chosen.items()]


@dataclass
class Score:
    """Counts over all clips of a set of seeds."""

    truths: int = 0
    joins: int = 0
    pairs: list[tuple[Truth, Join]] = field(default_factory=list)
    false_in_traps: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, truths: tuple[Truth, ...], joins: list[Join]) -> None:
        """One clip."""
        if not truths:
            self.false_in_traps[name.split("-", maxsplit=1)[0]] += len(joins)
            return
        self.truths += len(truths)
        self.joins += len(joins)
        self.pairs += pairs(truths, joins)

    def lines(self) -> Iterator[str]:
        """The figures."""
        hit = len(self.pairs)
        share, precision = hit / self.truths, hit / max(1, self.joins)
        yield f"recall {share:.3f}  precision {precision:.3f}  F1 {2 * hit / (self.truths + self.joins):.3f}"
        for kind in TransitionType:
            own = [(t, j) for t, j in self.pairs if t.style.type is kind]
            right = [j.type is kind for _, j in own]
            yield f"  {kind:9} found {len(own):3}  named right {np.mean(right) if own else 0:.3f}"
        yield f"type {np.mean([t.style.type is j.type for t, j in self.pairs]):.3f}"
        soft = [(t, j) for t, j in self.pairs if t.style.type is not TransitionType.CUT and j.type is t.style.type]
        off_ms = [1000 * abs(j.duration_s - (t.end_s - t.start_s)) for t, j in soft]
        yield f"duration error, ms: median {np.median(off_ms):.0f}, p90 {np.percentile(off_ms, 90):.0f}"
        eased = [j.easing is t.style.easing for t, j in soft if t.end_s - t.start_s >= EASED_S]
        yield f"easing of those of {EASED_S} s and more {np.mean(eased):.3f}"
        yield f"false in traps {sum(self.false_in_traps.values())}: {dict(+self.false_in_traps)}"


def seed_range(text: str) -> range:
    """`3:7` as 3 … 6."""
    first, _, end = text.partition(":")
    return range(int(first), int(end))


def main(arguments: list[str] | None = None) -> None:
    """Prints the figures of both sets of seeds, or of `--seeds 50:60 --traps 50:52`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=seed_range)
    parser.add_argument("--traps", type=seed_range, default=range(0))
    options = parser.parse_args(arguments or [])
    chosen = {"chosen": options.seeds} if options.seeds else SEEDS
    traps = {**TRAP_SEEDS, "chosen": options.traps}
    with tempfile.TemporaryDirectory() as folder:
        for name, seeds in chosen.items():
            score = Score()
            for clip in clips(seeds, traps[name]):
                score.add(clip.name, clip.truths, found_in(measured(Path(folder) / clip.name, clip)))
            print(name, *score.lines(), sep="\n", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

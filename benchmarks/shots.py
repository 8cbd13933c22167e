"""Cuts and joins found, beside PySceneDetect, FFmpeg's scdet and TransNetV2 on the same files in the same run.

The others live in `.yardsticks`, an environment that this makes for itself. Writes `docs/benchmarks.md`.
`CLIPZY_BENCH_MEDIA` may name a folder of labelled films, which are measured as well.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.joins import clips, encode, seed_range
from benchmarks.yardsticks import ask
from clipzy_server.analysis.picture.feature_pass import measure_features
from clipzy_server.analysis.picture.shots import find_shots
from clipzy_server.media.frames import decode

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
SEEDS, TRAP_SEEDS = range(2000, 2024), range(2000, 2002)
OURS = "Clipzy"
CUT_SLACK_FRAMES = 2
JOIN_SLACK_S = 0.15


@dataclass(frozen=True)
class Material:
    """One file: its joins as (first, last) frames, equal for a cut, and stretches of which nobody can say."""

    group: str
    path: Path
    rate: float
    frames: int
    joins: tuple[tuple[float, float], ...]
    unsure: tuple[tuple[float, float], ...] = ()


@dataclass
class Score:
    """Counts of one detector over one group of files; `cpu_s` of decoding and detecting."""

    hits: int = 0
    truths: int = 0
    told: int = 0
    cut_hits: int = 0
    cuts: int = 0
    cuts_told: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0
    files: int = field(default=0)

    def add(self, material: Material, boundaries: list[float], cpu_s: float) -> None:
        """One file."""
        slack = JOIN_SLACK_S * material.rate
        clear = [b for b in boundaries if not any(a <= b <= z for a, z in material.unsure)]
        spans = [
            (a - slack, z + slack) if z > a else (a - CUT_SLACK_FRAMES, z + CUT_SLACK_FRAMES) for a, z in material.joins
        ]
        pairs = matched(spans, clear)
        soft = [span for span, (a, z) in zip(spans, material.joins, strict=True) if z > a]
        self.hits, self.truths, self.told = self.hits + len(pairs), self.truths + len(spans), self.told + len(clear)
        hard = {i for i, (a, z) in enumerate(material.joins) if a == z}
        self.cut_hits, self.cuts = self.cut_hits + len(hard & pairs.keys()), self.cuts + len(hard)
        self.cuts_told += sum(
            not any(a <= b <= z for a, z in soft) or k in {pairs.get(i) for i in hard} for k, b in enumerate(clear)
        )
        self.files += 1
        self.seconds += material.frames / material.rate
        self.cpu_s += cpu_s

    @property
    def cut_f1(self) -> float:
        """Of hard cuts alone; what is told within a gradual join counts neither way."""
        return 2 * self.cut_hits / max(1, self.cuts + self.cuts_told)

    @property
    def join_f1(self) -> float:
        """Of joins of all kinds."""
        return 2 * self.hits / max(1, self.truths + self.told)


def matched(spans: list[tuple[float, float]], boundaries: list[float]) -> dict[int, int]:
    """Span → boundary within it, one to one, the nearest to a middle first."""
    gaps = sorted(
        (abs(b - (a + z) / 2), i, k) for i, (a, z) in enumerate(spans) for k, b in enumerate(boundaries) if a <= b <= z
    )
    chosen: dict[int, int] = {}
    for _, i, k in gaps:
        if i not in chosen and k not in chosen.values():
            chosen[i] = k
    return chosen


def made(folder: Path, seeds: range, trap_seeds: range) -> Iterator[Material]:
    """Joined clips and traps of seeds that nothing was developed with."""
    for clip in clips(seeds, trap_seeds):
        path = folder / f"{clip.name}.mp4"
        encode(path, clip.frames, clip.rate, 18 + clip.seed % 3 * 5)
        rate = float(clip.rate)
        joins = tuple((round(t.start_s * rate), round(t.end_s * rate)) for t in clip.truths)
        yield Material("joins" if joins else "traps", path, rate, len(clip.frames), joins)


def films() -> Iterator[Material]:
    """Labelled films; fades at their ends and titles are no one's fault."""
    folder = os.environ.get("CLIPZY_BENCH_MEDIA")
    labels = json.loads((Path(folder) / "labels.json").read_text()) if folder else {}
    for name, label in labels.items():
        path = Path(folder or "") / "video" / name
        if not isinstance(label, dict) or "cuts" not in label or not path.exists():
            continue
        times = [float(frame.time_s) for frame in decode(path)]
        rate = (len(times) - 1) / (times[-1] - times[0])
        soft = [(item[-2] - 1, item[-1] + 1) for item in label.get("dissolves", [])]
        fades = [
            (item[-2] - 10, item[-1] + 10) for key in ("fade_in", "fade_out", "titles") for item in label.get(key, [])
        ]
        unsure = fades + [(n - 2, n + 2) for n in label.get("unsure_cuts", [])]
        cuts = [(n, n) for n in label["cuts"] if not any(a <= n <= z for a, z in unsure)]
        yield Material("films", path, rate, len(times), tuple(sorted(cuts + soft)), tuple(unsure))


def ours(path: Path, folder: Path) -> tuple[list[float], float]:
    """Boundaries and CPU seconds, decoding, motion and colours included."""
    begin = time.process_time()
    features = measure_features(decode(path, as_coded=True), folder, 1.0, lambda _: None)
    found = [float(shot.first_frame) for shot in find_shots(features)[1:]]
    return found, time.process_time() - begin


def theirs(paths: list[Path]) -> dict[str, list[dict[str, object]]]:
    """What the yardsticks say, from their own process."""
    return dict(ask("detect", [str(path) for path in paths]))


def scores(materials: list[Material], folder: Path) -> dict[str, dict[str, Score]]:
    """{detector: {group: score}}."""
    found: dict[str, dict[str, Score]] = {}
    ours(materials[0].path, folder / "warm")
    for number, material in enumerate(materials):
        score = found.setdefault(OURS, {}).setdefault(material.group, Score())
        score.add(material, *ours(material.path, folder / f"features-{number}"))
    for name, answers in theirs([material.path for material in materials]).items():
        for material, answer in zip(materials, answers, strict=True):
            score = found.setdefault(name, {}).setdefault(material.group, Score())
            score.add(material, list(answer["boundaries"]), float(answer["cpu_s"]))  # type: ignore[call-overload,arg-type]
    return found


def table(found: dict[str, dict[str, Score]]) -> Iterator[str]:
    """Markdown: how much was measured, then a row for each detector."""
    groups = list(next(iter(found.values())))
    yield "; ".join(
        f"{group}: {score.files} files, {score.truths} joins, {score.cuts} of them cuts, {score.seconds:.0f} s"
        for group, score in found[OURS].items()
    )
    yield ""
    heads = [f"{g}: {what}" for g in groups if g != "traps" for what in ("cut F1", "join F1")]
    yield "| detector | " + " | ".join(heads) + " | false changes in traps | CPU s per minute of video |"
    yield "|---" * (len(heads) + 3) + "|"
    for name, own in found.items():
        cells = [f"{value:.3f}" for g in groups if g != "traps" for value in (own[g].cut_f1, own[g].join_f1)]
        cpu = 60 * sum(s.cpu_s for s in own.values()) / sum(s.seconds for s in own.values())
        yield f"| {name} | " + " | ".join(cells) + f" | {own.get('traps', Score()).told} | {cpu:.1f} |"


def main(arguments: list[str] | None = None) -> None:
    """Prints the table and puts it into the page between its markers; `--seeds 50:60 --traps 50:52` for fewer clips."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=seed_range, default=SEEDS)
    parser.add_argument("--traps", type=seed_range, default=TRAP_SEEDS)
    options = parser.parse_args(arguments or [])
    with tempfile.TemporaryDirectory() as folder:
        found = scores([*made(Path(folder), options.seeds, options.traps), *films()], Path(folder))
    lines = "\n".join(table(found))
    print(lines)
    before, _, rest = PAGE.read_text().partition("<!-- shots -->\n")
    _, _, after = rest.partition("<!-- /shots -->")
    PAGE.write_text(f"{before}<!-- shots -->\n{lines}\n<!-- /shots -->{after}")


if __name__ == "__main__":
    main(sys.argv[1:])

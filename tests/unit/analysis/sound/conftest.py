"""A small band whose every beat is known."""

import numpy as np
import pytest

RATE_HZ = 44_100


def _kick():
    t = np.arange(round(0.25 * RATE_HZ)) / RATE_HZ
    return np.sin(2 * np.pi * np.cumsum(50 + 90 * np.exp(-t * 40)) / RATE_HZ) * np.exp(-t * 14)


def _hiss(rng, decay):
    t = np.arange(round(0.1 * RATE_HZ)) / RATE_HZ
    return np.diff(rng.standard_normal(len(t) + 1)) * np.exp(-t * decay)


def _snare(rng):
    t = np.arange(round(0.2 * RATE_HZ)) / RATE_HZ
    return (np.sin(2 * np.pi * 330 * t) + 0.5 * np.sin(2 * np.pi * 480 * t)) * np.exp(-t * 28)


def play(bpm, seconds, parts=("kick", "snare", "hat", "bass")):
    """Mono [n] at 44.1 kHz and the times of its beats: kick and snare in turn, hats twice a beat, a bass note on
    each.
    """
    rng = np.random.default_rng(round(bpm))
    sound = np.zeros(round((seconds + 1) * RATE_HZ))
    beats = np.arange(0.4, seconds - 0.3, 60 / bpm)

    def add(wave, at, gain):
        first = round(at * RATE_HZ)
        sound[first : first + len(wave)] += gain * wave

    t = np.arange(round(50 / bpm * RATE_HZ)) / RATE_HZ
    for n, beat in enumerate(beats):
        hits = {"kick": n % 2 == 0 or "snare" not in parts, "snare": n % 2 == 1 or "kick" not in parts}
        if "kick" in parts and hits["kick"]:
            add(_kick(), beat, 0.8)
        if "snare" in parts and hits["snare"]:
            add(_snare(rng), beat, 0.5)
        if "hat" in parts:
            add(_hiss(rng, 60), beat, 0.12)
            if len(parts) > 1:
                add(_hiss(rng, 60), beat + 30 / bpm, 0.06)
        if "bass" in parts:
            hz = (55.0, 65.4, 49.0, 73.4)[n // 4 % 4]
            add(sum(np.sin(2 * np.pi * hz * k * t) / k for k in (1, 2, 3)) * np.exp(-t * 3), beat, 0.3)
    return (sound[: round(seconds * RATE_HZ)] / np.abs(sound).max() * 0.8).astype(np.float32), beats


def share_found(found_s, beats_s, near_s=0.05):
    """F-measure of beats within `near_s`."""
    if not len(found_s):
        return 0.0
    hits = sum(np.abs(found_s - beat).min() <= near_s for beat in beats_s)
    return 2 * hits / (len(found_s) + len(beats_s))


@pytest.fixture(scope="session")
def band():
    return play


@pytest.fixture(scope="session")
def f_measure():
    return share_found

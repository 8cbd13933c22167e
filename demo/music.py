"""Music made here: drums, bass and chords at an exact tempo, so that the demo's beats are known."""

import numpy as np
import numpy.typing as npt

SAMPLE_RATE_HZ = 48_000
Samples = npt.NDArray[np.float32]
CHORDS_HZ = ((220.0, 261.6, 329.6), (174.6, 220.0, 261.6), (130.8, 164.8, 196.0), (196.0, 246.9, 293.7))


def _decay(seconds: float, rate_per_s: float) -> npt.NDArray[np.float64]:
    return np.exp(-rate_per_s * np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ)


def _kick() -> npt.NDArray[np.float64]:
    envelope = _decay(0.35, 11)
    pitch_hz = 45 + 90 * _decay(0.35, 40)
    return envelope * np.sin(2 * np.pi * np.cumsum(pitch_hz) / SAMPLE_RATE_HZ)


def _snare(random: np.random.Generator) -> npt.NDArray[np.float64]:
    envelope = _decay(0.18, 26)
    t_s = np.arange(envelope.size) / SAMPLE_RATE_HZ
    return envelope * (0.7 * random.standard_normal(envelope.size) + 0.5 * np.sin(2 * np.pi * 190 * t_s))


def _hat(random: np.random.Generator) -> npt.NDArray[np.float64]:
    noise = random.standard_normal(int(0.05 * SAMPLE_RATE_HZ))
    return np.diff(noise, prepend=0.0) * _decay(0.05, 90)


def _tone(pitch_hz: float, seconds: float, rate_per_s: float) -> npt.NDArray[np.float64]:
    t_s = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    wave = sum(np.sin(2 * np.pi * pitch_hz * n * t_s) / n**1.5 for n in (1, 2, 3, 4))
    return wave * np.exp(-rate_per_s * t_s) * np.minimum(1, t_s / 0.01)


def make_music(tempo_bpm: float, seconds: float, peak: float, seed: int) -> Samples:
    """Four-on-the-floor with a chord a bar: float32 [2, n] at 48 kHz, within ±`peak`; the first beat is at 0."""
    random = np.random.default_rng(seed)
    mix = np.zeros(int(seconds * SAMPLE_RATE_HZ) + SAMPLE_RATE_HZ)
    beat_s = 60 / tempo_bpm

    def play(sound: npt.NDArray[np.float64], at_s: float, gain: float) -> None:
        start = round(at_s * SAMPLE_RATE_HZ)
        piece = sound[: max(0, mix.size - start)]
        mix[start : start + piece.size] += gain * piece

    for beat in range(int(np.ceil(seconds / beat_s))):
        chord = CHORDS_HZ[beat // 4 % len(CHORDS_HZ)]
        play(_kick(), beat * beat_s, 1.0)
        play(_hat(random), (beat + 0.5) * beat_s, 0.25)
        play(_tone(chord[0] / 4, beat_s * 0.9, 3), beat * beat_s, 0.5)
        if beat % 2:
            play(_snare(random), beat * beat_s, 0.6)
        if beat % 4 == 0:
            for pitch_hz in chord:
                play(_tone(pitch_hz, beat_s * 4, 1.2), beat * beat_s, 0.15)
    mix = mix[: int(seconds * SAMPLE_RATE_HZ)]
    return np.tile(peak * mix / np.abs(mix).max(), (2, 1)).astype(np.float32)

"""The tempo, and at which level of the metre the beats are: half, same or double of what the decoder prefers.

A decoder's own prior often takes the half or the double. What decides here: on the true beat level the accents
(onsets weighted towards the bass, where drums and bass mark beats) of neighbouring pulses are alike, while between
the beats they are much weaker; beside that, a broad preference for tempos around 110 (van Noorden and Moelants 1999:
resonance at about 2 Hz).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clipzy_server.analysis.sound.beat_decoder import FASTEST_BPM, SLOWEST_BPM, TempoRange, decode_beats
from clipzy_server.analysis.sound.onsets import FRAME_RATE, Onsets
from clipzy_server.media.samples import Samples

Frames = npt.NDArray[np.float64]

_BAND_WEIGHTS = np.array([1.0, 0.6, 0.15])
_NEAR_FRAMES = 3
_PREFERRED_BPM = 110.0
_PREFERENCE_OCTAVES = 0.6
# Between beats the accents are this share of those on them, on the edge between two levels, and the width of that edge.
_EDGE, _EDGE_WIDTH = 0.5, 0.12
# Neither kind of evidence may outvote everything else: alike enough is alike, and dense music sounds between beats too.
_ALIKE_ENOUGH, _LEAST_EVIDENCE = 0.8, -3.0
_DRIFT = 0.12
_LEAST_BEATS = 4


@dataclass(frozen=True, slots=True)
class Pulse:
    """Beats in frames, the tempo, and how sure its level is, 0…1."""

    beats: Frames
    tempo_bpm: float | None
    confidence: float


def find_pulse(activation: Samples, onsets: Onsets) -> Pulse:
    """Beats of one stretch of music at the most likely level."""
    beats = decode_beats(activation, TempoRange())
    if len(beats) < _LEAST_BEATS:
        return Pulse(beats, None, 0.0)
    accents = _accents(onsets, activation)
    periods = np.diff(beats)
    candidates = {1.0: (beats, _merit(beats, accents))}
    for factor in (0.5, 2.0):
        tempo = TempoRange(
            max(SLOWEST_BPM, 60 * FRAME_RATE / np.quantile(periods, 0.95) * factor * (1 - _DRIFT)),
            min(FASTEST_BPM, 60 * FRAME_RATE / np.quantile(periods, 0.05) * factor * (1 + _DRIFT)),
        )
        if tempo.slowest_bpm * 1.05 < tempo.fastest_bpm:
            other = decode_beats(activation, tempo)
            if len(other) >= _LEAST_BEATS:
                candidates[factor] = (other, _merit(other, accents))
    merits = np.array([merit for _, merit in candidates.values()])
    shares = np.exp(merits - merits.max())
    best = int(np.argmax(merits))
    chosen = list(candidates.values())[best][0]
    return Pulse(chosen, tempo_of(chosen), float(shares[best] / shares.sum()))


def tempo_of(beats: Frames) -> float | None:
    """Beats per minute: the median of the intervals, refined by the mean of those near it."""
    if len(beats) < _LEAST_BEATS:
        return None
    intervals = np.diff(beats)
    middle = np.median(intervals)
    near = intervals[np.abs(intervals - middle) <= 0.08 * middle]
    return float(60 * FRAME_RATE / near.mean())


def _accents(onsets: Onsets, activation: Samples) -> Frames:
    """Strength of accents [n]: amplitude growth of each band relative to its own strong onsets, gated by the
    activation.
    """
    growth = np.sqrt(onsets.bands.astype(np.float64))
    strong = np.quantile(growth, 0.98, axis=0)
    loudest = strong.max()
    relative = np.minimum(growth / np.maximum(strong, 0.05 * loudest + 1e-12), 1.5)
    return np.asarray(relative @ _BAND_WEIGHTS / _BAND_WEIGHTS.sum() + 0.25 * activation)


def _merit(beats: Frames, accents: Frames) -> float:
    """Log-odds for this level: strong accents on every pulse, weak ones half way between, and the broad tempo
    preference.
    """
    tempo_bpm = tempo_of(beats) or _PREFERRED_BPM
    on = _strength(beats, accents)
    between = _strength((beats[1:] + beats[:-1]) / 2, accents)
    typical = np.mean(on) + 1e-9
    even, odd = np.mean(on[::2]), np.mean(on[1::2])
    alike = min(even, odd) / (max(even, odd) + 1e-9)
    preference = -0.5 * (np.log2(tempo_bpm / _PREFERRED_BPM) / _PREFERENCE_OCTAVES) ** 2
    level = (min(alike, _ALIKE_ENOUGH) - _EDGE) / _EDGE_WIDTH
    rest = max(_LEAST_EVIDENCE, (_EDGE - np.mean(between) / typical) / _EDGE_WIDTH)
    return float(level + rest + 2 * preference)


def _strength(pulses: Frames, accents: Frames) -> Frames:
    """The greatest accent within 30 ms of each pulse."""
    reach = np.arange(-_NEAR_FRAMES, _NEAR_FRAMES + 1)
    places = np.clip(np.round(pulses).astype(int)[:, None] + reach, 0, len(accents) - 1)
    return np.asarray(accents[places].max(axis=1))

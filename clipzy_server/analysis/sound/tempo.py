"""The tempo, and at which level of the metre the beats are: half, same or double of what the decoder prefers.

A decoder's own prior often takes the half or the double. What decides here: on the true beat level the accents
(onsets weighted towards the bass, where drums and bass mark beats) of neighbouring pulses are alike, while between
the beats they are much weaker; the bars that are heard have three or four beats (`bars`); beside that, a broad
preference for tempos around 110 (van Noorden and Moelants 1999: resonance at about 2 Hz).
"""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from clipzy_server.analysis.sound.activation import Activation
from clipzy_server.analysis.sound.bars import find_bars
from clipzy_server.analysis.sound.beat_decoder import FASTEST_BPM, SLOWEST_BPM, TempoRange, decode_beats, sharpened
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
# Without networks, beats half a period off are considered too: flux takes bright off-beats for beats.
_SHIFT_COST = 1.0
_SAME_TEMPO = 0.08


@dataclass(frozen=True, slots=True)
class Alternative:
    """The next likely tempo and its probability, 0…1."""

    tempo_bpm: float
    probability: float


@dataclass(frozen=True, slots=True)
class Pulse:
    """Beats in frames, the tempo, and how likely its level is, 0…1; the beats that begin bars, where the tracker knows
    bars; the alternative level, if any other was possible.
    """

    beats: Frames
    tempo_bpm: float | None
    confidence: float
    downbeats: Frames = field(default_factory=lambda: np.zeros(0))
    alternative: Alternative | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    beats: Frames
    downbeats: Frames
    merit: float


def find_pulse(heard: Activation, onsets: Onsets) -> Pulse:
    """Beats of one stretch of music at the most likely level."""
    activation = heard.beats
    beats = decode_beats(activation, TempoRange())
    if len(beats) < _LEAST_BEATS:
        return Pulse(beats, None, 0.0)
    accents = _accents(onsets, activation)
    levels = [beats, *(_level(activation, beats, factor) for factor in (0.5, 2.0))]
    candidates = [_candidate(level, accents, heard.downbeats) for level in levels if len(level) >= _LEAST_BEATS]
    if heard.downbeats is None:
        shifted = [_candidate(_shifted(found.beats), accents, None, _SHIFT_COST) for found in candidates]
        candidates += [replace(found, beats=sharpened(activation, found.beats)) for found in shifted]
    merits = np.array([found.merit for found in candidates])
    shares = np.exp(merits - merits.max())
    shares /= shares.sum()
    best, *others = np.argsort(-shares)
    tempo_bpm = tempo_of(candidates[best].beats)
    other = next((n for n in others if not _alike(tempo_of(candidates[n].beats), tempo_bpm)), None)
    return Pulse(
        candidates[best].beats,
        tempo_bpm,
        float(shares[best]),
        candidates[best].downbeats,
        None if other is None else Alternative(tempo_of(candidates[other].beats) or 0.0, float(shares[other])),
    )


def _candidate(beats: Frames, accents: Frames, downbeats: Samples | None, cost: float = 0.0) -> _Candidate:
    merit = _merit(beats, accents) - cost
    if downbeats is None:
        return _Candidate(beats, np.zeros(0), merit)
    bars = find_bars(beats, downbeats)
    return _Candidate(beats, bars.downbeats, merit + bars.evidence)


def _alike(one_bpm: float | None, other_bpm: float | None) -> bool:
    return bool(one_bpm and other_bpm and abs(one_bpm / other_bpm - 1) < _SAME_TEMPO)


def _level(activation: Samples, beats: Frames, factor: float) -> Frames:
    """Beats `factor` times as fast, decoded anew; none where that leaves the range of tempos."""
    periods = np.diff(beats)
    longest, shortest = float(np.quantile(periods, 0.95)), float(np.quantile(periods, 0.05))
    slowest_bpm = max(SLOWEST_BPM, 60 * FRAME_RATE / longest * factor * (1 - _DRIFT))
    fastest_bpm = min(FASTEST_BPM, 60 * FRAME_RATE / shortest * factor * (1 + _DRIFT))
    if slowest_bpm * 1.05 >= fastest_bpm:
        return np.zeros(0)
    return decode_beats(activation, TempoRange(slowest_bpm, fastest_bpm))


def _shifted(beats: Frames) -> Frames:
    """The pulses half way between, with one more before the first if there is room."""
    middles = (beats[1:] + beats[:-1]) / 2
    before = middles[0] - (beats[1] - beats[0])
    return np.concatenate([[before], middles]) if before >= 0 else middles


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
    typical = float(np.mean(on)) + 1e-9
    even, odd = float(np.mean(on[::2])), float(np.mean(on[1::2]))
    alike = float(min(even, odd) / (max(even, odd) + 1e-9))
    preference = -0.5 * (np.log2(tempo_bpm / _PREFERRED_BPM) / _PREFERENCE_OCTAVES) ** 2
    level = (min(alike, _ALIKE_ENOUGH) - _EDGE) / _EDGE_WIDTH
    rest = max(_LEAST_EVIDENCE, (_EDGE - float(np.mean(between)) / typical) / _EDGE_WIDTH)
    return float(level + rest + 2 * preference)


def _strength(pulses: Frames, accents: Frames) -> Frames:
    """The greatest accent within 30 ms of each pulse."""
    reach = np.arange(-_NEAR_FRAMES, _NEAR_FRAMES + 1)
    places = np.clip(np.round(pulses).astype(int)[:, None] + reach, 0, len(accents) - 1)
    return np.asarray(accents[places].max(axis=1))

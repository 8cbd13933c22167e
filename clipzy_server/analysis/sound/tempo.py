"""The tempo, and at which level of the metre the beats are.

A decoder's own prior often takes the half or the double, and two thirds where little is heard. Beats at half, two
thirds, one and a half and double its tempo are decoded as well, and those of which whole bars make one repetition;
`tempo_evidence` weighs them.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from clipzy_server.analysis.sound.activation import Activation
from clipzy_server.analysis.sound.beat_decoder import FASTEST_BPM, SLOWEST_BPM, TempoRange, decode_beats, sharpened
from clipzy_server.analysis.sound.onsets import FRAME_RATE, Onsets
from clipzy_server.analysis.sound.tempo_evidence import Level, Witness, tempos_of_loops
from clipzy_server.media.samples import Samples

Frames = npt.NDArray[np.float64]

_FACTORS = (1 / 2, 2 / 3, 3 / 2, 2)
_DRIFT = 0.12
_LOOP_SLOWEST_BPM, _LOOP_FASTEST_BPM, _LOOP_DRIFT = 58.0, 205.0, 0.03
_LEAST_BEATS = 4
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


def find_pulse(heard: Activation, onsets: Onsets) -> Pulse:
    """Beats of one stretch of music at the most likely level."""
    first = decode_beats(heard.beats, TempoRange())
    if len(first) < _LEAST_BEATS:
        return Pulse(first, None, 0.0)
    levels = _levels(heard, first, Witness(heard, onsets))
    merits = np.array([level.merit for level in levels])
    shares = np.exp(merits - merits.max())
    shares /= shares.sum()
    best, *others = np.argsort(-shares)
    tempo_bpm = levels[best].tempo_bpm
    other = next((n for n in others if abs(levels[n].tempo_bpm / tempo_bpm - 1) >= _SAME_TEMPO), None)
    return Pulse(
        levels[best].beats,
        tempo_bpm,
        float(shares[best]),
        levels[best].downbeats,
        None if other is None else Alternative(levels[other].tempo_bpm, float(shares[other])),
    )


def _levels(heard: Activation, first: Frames, witness: Witness) -> list[Level]:
    """Every level that is possible, with the evidence for it."""
    levels = [witness.weigh(first, _tempo(first))]
    for factor in _FACTORS:
        beats = _level(heard.beats, first, factor)
        if len(beats) >= _LEAST_BEATS:
            levels.append(witness.weigh(beats, _tempo(beats)))
    for tempo_bpm in tempos_of_loops(witness.repetition, _LOOP_SLOWEST_BPM, _LOOP_FASTEST_BPM):
        if all(abs(level.tempo_bpm / tempo_bpm - 1) > _LOOP_DRIFT for level in levels):
            near = TempoRange(tempo_bpm * (1 - _LOOP_DRIFT), tempo_bpm * (1 + _LOOP_DRIFT))
            beats = decode_beats(heard.beats, near)
            if len(beats) >= _LEAST_BEATS:
                levels.append(witness.weigh(beats, _tempo(beats)))
    if heard.downbeats is None:
        # Flux takes bright off-beats for beats.
        off = [sharpened(heard.beats, _shifted(level.beats)) for level in levels]
        levels += [witness.weigh(beats, _tempo(beats), shifted=True) for beats in off if len(beats) >= _LEAST_BEATS]
    return levels


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
    """Beats per minute, None of less than four."""
    return _tempo(beats) if len(beats) >= _LEAST_BEATS else None


def _tempo(beats: Frames) -> float:
    """The median of the intervals, refined by the mean of those near it, if any are: it may lie between two kinds."""
    intervals = np.diff(beats)
    middle = np.median(intervals)
    near = intervals[np.abs(intervals - middle) <= 0.08 * middle]
    return float(60 * FRAME_RATE / (near.mean() if len(near) else middle))

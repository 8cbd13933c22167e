"""How likely beats are at the level of the metre that people would tap: a sum of weighted evidence.

For a level speak beats that are heard, the bass more on them than between them, bars of three or four, and whole bars
in what repeats itself; then the tempo. The weights are those of a conditional logit (McFadden 1974) over the levels of
synthetic songs, loops and drum patterns.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clipzy_server.analysis.sound.activation import Activation
from clipzy_server.analysis.sound.bars import find_bars
from clipzy_server.analysis.sound.onsets import Onsets
from clipzy_server.analysis.sound.repetition import Repetition, find_repetition

Frames = npt.NDArray[np.float64]

_NEAR_FRAMES = 3
# Less activation than this is none.
_UNHEARD = 0.02
_STRONG_QUANTILE, _STRONGEST = 0.98, 1.5
_MIDDLE_BPM = 110.0
# How musical so many beats from one repetition to the next are; other whole numbers, and what is no whole number.
_ROUND = {1: -0.2, 2: 0.6, 3: 0.3, **dict.fromkeys((4, 8, 16, 32, 64), 1.0), **dict.fromkeys((6, 12, 24, 48), 0.4)}
_ODD, _BROKEN = -0.6, -1.0
_LEAST_LIKENESS = 0.6


@dataclass(frozen=True, slots=True)
class Weights:
    """Log-odds per unit of evidence: per octave above 110 BPM and its square, loops, bars, heard beats (log-odds of
    the activation, which from `enough` on says no more), bass between 0 and 1.5 on beats, and that minus the bass
    between them; beats half a period off.
    """

    octave: float
    octave_squared: float
    loop: float
    bars: float
    heard: float
    enough: float
    bass: float
    bass_contrast: float
    shift: float


WITH_BARS = Weights(2.3, -0.4, 2.1, 1.15, 3.5, 0.18, 1.9, 1.9, 0.0)
WITHOUT_BARS = Weights(1.3, -1.9, 2.7, 0.0, 0.85, 0.98, 3.2, 1.4, -0.7)


@dataclass(frozen=True, slots=True)
class Level:
    """Beats and those that begin bars, in frames, their tempo, and the log-odds for them, unnormalised."""

    beats: Frames
    downbeats: Frames
    tempo_bpm: float
    merit: float


class Witness:
    """What is heard in one stretch of music, and what it says about beats."""

    def __init__(self, heard: Activation, onsets: Onsets) -> None:
        self._heard = heard
        self._weights = WITHOUT_BARS if heard.downbeats is None else WITH_BARS
        growth = np.sqrt(onsets.bands[:, 0].astype(np.float64))
        self._bass = np.minimum(growth / (np.quantile(growth, _STRONG_QUANTILE) + 1e-9), _STRONGEST)
        repetition = find_repetition(onsets)
        self.repetition = repetition if repetition and repetition.likeness > _LEAST_LIKENESS else None

    def weigh(self, beats: Frames, tempo_bpm: float, *, shifted: bool = False) -> Level:
        """All evidence for at least two beats."""
        weights, octaves = self._weights, np.log2(tempo_bpm / _MIDDLE_BPM)
        on = float(_peaks(beats, self._bass).mean())
        between = float(_peaks((beats[1:] + beats[:-1]) / 2, self._bass).mean())
        seen = np.clip(_peaks(beats, self._heard.beats.astype(np.float64)), _UNHEARD, weights.enough)
        merit = (
            weights.octave * octaves
            + weights.octave_squared * octaves**2
            + weights.loop * _wholeness(self.repetition, tempo_bpm)
            + weights.heard * float(np.log(seen / (1 - seen)).mean())
            + weights.bass * on
            + weights.bass_contrast * (on - between)
            + weights.shift * shifted
        )
        if self._heard.downbeats is None:
            return Level(beats, np.zeros(0), tempo_bpm, float(merit))
        bars = find_bars(beats, self._heard.downbeats)
        return Level(beats, bars.downbeats, tempo_bpm, float(merit + weights.bars * bars.evidence))


def _wholeness(repetition: Repetition | None, tempo_bpm: float) -> float:
    if repetition is None:
        return 0.0
    beats = repetition.period_s * tempo_bpm / 60
    whole = round(beats)
    is_whole = whole > 0 and abs(beats - whole) <= max(0.06, 0.012 * whole)
    return repetition.likeness * (_ROUND.get(whole, _ODD) if is_whole else _BROKEN)


def _peaks(pulses: Frames, strength: Frames) -> Frames:
    """The greatest strength within 30 ms of each pulse."""
    reach = np.arange(-_NEAR_FRAMES, _NEAR_FRAMES + 1)
    places = np.clip(np.round(pulses).astype(int)[:, None] + reach, 0, len(strength) - 1)
    return np.asarray(strength[places].max(axis=1))


def tempos_of_loops(repetition: Repetition | None, slowest_bpm: float, fastest_bpm: float) -> list[float]:
    """Tempos at which one repetition is a round number of beats."""
    if repetition is None:
        return []
    tempos = (60 * count / repetition.period_s for count in sorted(_ROUND) if count > 1)
    return [tempo_bpm for tempo_bpm in tempos if slowest_bpm <= tempo_bpm <= fastest_bpm]

"""Where in the footage may a shot begin or end? On the beats of its music; anywhere when there is none.

Footage is never dropped from or up to the middle of a word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from clipzy_server.domain.analysis import SoundAnalysis, Stretch

# Fewer beats make no rhythm that could be kept.
_FEWEST_BEATS = 4
# A beat nearer to an end of the footage than this leaves no shot before or after it.
_END_ROOM_S = 0.15
# Places a second where there is no music; joins are rounded to frames afterwards.
_FREE_PLACES_HZ = 20
_NO_PLACE_S = 1.8


@dataclass(frozen=True, slots=True)
class CutPoints:
    """Ascending places in seconds, the first 0 and the last the end; `step_s` between two, `bar` of them in a bar.

    `in_word` [n]: at the place somebody is in the middle of a word.

    `musical`: the places are beats, and whole numbers of them must be dropped for the rhythm to go on. `bar` is 1 where
    bars are not known.
    """

    at_s: tuple[Fraction, ...]
    step_s: float
    bar: int
    musical: bool
    in_word: tuple[bool, ...]

    def times_s(self) -> npt.NDArray[np.float64]:
        """The places as float64[n], seconds."""
        return np.array([float(at) for at in self.at_s])


def find_cut_points(sound: SoundAnalysis, duration_s: Fraction) -> CutPoints:
    """Beats of the footage's music, with the ends of the footage; else an even grid."""
    beats = [Fraction(beat.timestamp_ms, 1000) for beat in sound.beats]
    beats = [at for at in beats if _END_ROOM_S < at < duration_s - Fraction(3, 20)]
    if sound.tempo_bpm is None or len(beats) < _FEWEST_BEATS:
        return _free(duration_s, sound.words)
    step_s = float(np.median(np.diff([float(at) for at in beats])))
    filled = _fill([Fraction(0), *beats, duration_s], step_s)
    places = tuple(filled)
    return CutPoints(places, step_s, _beats_in_bar(sound), musical=True, in_word=_in_word(places, sound.words))


def _free(duration_s: Fraction, words: Sequence[Stretch]) -> CutPoints:
    count = max(1, round(duration_s * _FREE_PLACES_HZ))
    places = tuple(duration_s * k / count for k in range(count + 1))
    return CutPoints(places, float(duration_s / count), 1, musical=False, in_word=_in_word(places, words))


def _in_word(places: Sequence[Fraction], words: Sequence[Stretch]) -> tuple[bool, ...]:
    starts_s = np.array([word.start_s for word in words])
    ends_s = np.array([word.end_s for word in words])
    return tuple(bool(((starts_s < float(at)) & (float(at) < ends_s)).any()) for at in places)


def _fill(places: list[Fraction], step_s: float) -> list[Fraction]:
    """Puts evenly spaced places into holes, where the music pauses."""
    filled = [places[0]]
    for before, after in pairwise(places):
        steps = max(1, round(float(after - before) / step_s)) if after - before > _NO_PLACE_S * step_s else 1
        filled += [before + (after - before) * k / steps for k in range(1, steps + 1)]
    return filled


def _beats_in_bar(sound: SoundAnalysis) -> int:
    beats_s = np.array([beat.timestamp_ms / 1000 for beat in sound.beats])
    places = [int(np.abs(beats_s - at).argmin()) for at in sound.downbeats_s]
    steps = np.diff(places)
    steps = steps[steps > 0]
    return int(np.median(steps)) if len(steps) else 1

"""After which time a sound repeats itself: music made of loops does so exactly, after whole bars.

The autocorrelation of what begins (square roots of the growth in three bands, and the flux), each lag normalised by
the energy of the two parts it compares.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.fft

from clipzy_server.analysis.sound.onsets import FRAME_RATE, Onsets

_SHORTEST_S, _LONGEST_S = 1.0, 40.0
# The parts compared last at least 0.3 of the sound.
_LONGEST_SHARE = 0.7
_NEARLY_BEST = 0.9
_INNER_SHORTEST_S, _INNER_LONGEST_SHARE = 0.1, 0.9


@dataclass(frozen=True, slots=True)
class Repetition:
    """The shortest period of 1…40 s after which the sound is like itself (nearly) as much as after any; how much, at
    most 1; and the greatest likeness after less than 0.9 of that period.
    """

    period_s: float
    likeness: float
    inner_likeness: float


def find_repetition(onsets: Onsets) -> Repetition | None:
    """None where the sound is too short to repeat, or nothing begins in it."""
    likeness = _likeness(onsets)
    first, end = round(_SHORTEST_S * FRAME_RATE), round(min(_LONGEST_S * FRAME_RATE, _LONGEST_SHARE * len(likeness)))
    if end - first < FRAME_RATE or not onsets.flux.any():
        return None
    best = float(likeness[first:end].max())
    middle = likeness[first : end - 1]
    peaks = (middle >= likeness[first - 1 : end - 2]) & (middle >= likeness[first + 1 : end])
    found = np.flatnonzero(peaks & (middle >= _NEARLY_BEST * best))
    if best <= 0 or not len(found):
        return None
    lag = first + int(found[0])
    left, top, right = likeness[lag - 1 : lag + 2]
    bend = left - 2 * top + right
    period = lag + (0.5 * (left - right) / bend if bend < 0 else 0.0)
    inner = likeness[round(_INNER_SHORTEST_S * FRAME_RATE) : int(_INNER_LONGEST_SHARE * lag)]
    return Repetition(float(period / FRAME_RATE), min(1.0, best), float(inner.max()))


def _likeness(onsets: Onsets) -> npt.NDArray[np.float64]:
    """By lag in frames [n], about −1…1."""
    heard = np.column_stack([onsets.bands, onsets.flux]).astype(np.float64)
    count = len(heard)
    if not count:
        return np.zeros(0)
    strength = np.sqrt(heard / (heard.max(axis=0) + 1e-12))
    strength -= strength.mean(axis=0)
    strength /= strength.std(axis=0) + 1e-9
    size = scipy.fft.next_fast_len(2 * count, real=True)
    spectrum = scipy.fft.rfft(strength, size, axis=0)
    products = scipy.fft.irfft((np.abs(spectrum) ** 2).sum(axis=1), size)[:count]
    energy = np.concatenate([[0.0], np.cumsum((strength**2).sum(axis=1))])
    lags = np.arange(count)
    return np.asarray(products / np.sqrt(energy[count - lags] * (energy[count] - energy[lags]) + 1e-9))

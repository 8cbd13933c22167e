"""How strongly something begins, a hundred times a second: spectral flux over all bands and in three wide ones.

Log-magnitude flux with a maximum over neighbouring bands of the frame before, which ignores vibrato: Böck and Widmer,
Maximum Filter Vibrato Suppression for Onset Detection, DAFx 2013. The three wide bands hold the growth of power.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import scipy.fft

from clipzy_server.media.samples import Samples

RATE_HZ = 44_100
FRAME_RATE = 100
BAND_EDGES_HZ = (30.0, 200.0, 2000.0, 16_000.0)

_HOP = RATE_HZ // FRAME_RATE
_FFT = 2048
_LAG = 2
_LOG_GAIN = 100.0
_BANDS_PER_OCTAVE = 12


@dataclass(frozen=True, slots=True)
class Onsets:
    """Per 10 ms frame: `flux` [n], and `bands` [n, 3], growth of power in bass, mid, treble. Frame k is at k / 100
    s.
    """

    flux: Samples
    bands: Samples


class OnsetMeter:
    """Streaming: mono blocks [n] at 44.1 kHz in."""

    def __init__(self) -> None:
        # Half a window of silence in front would centre frame k on k / 100 s; but flux rises as soon as an onset enters
        # the window, before it reaches the middle: measured on clicks and drums, half a frame early.
        self._rest: Samples = np.zeros(_FFT // 2 + _HOP // 2, np.float32)
        self._before: Samples | None = None
        self._power_before: Samples | None = None
        self._flux: list[Samples] = []
        self._bands: list[Samples] = []

    def push(self, block: Samples) -> None:
        """Take the next samples [n]."""
        self._rest = np.concatenate([self._rest, block])
        count = (len(self._rest) - _FFT) // _HOP + 1
        if count > 0:
            self._measure(count)

    def finish(self) -> Onsets:
        """Everything measured."""
        self.push(np.zeros(_FFT // 2, np.float32))
        if not self._flux:
            return Onsets(np.zeros(0, np.float32), np.zeros((0, 3), np.float32))
        return Onsets(np.concatenate(self._flux), np.concatenate(self._bands))

    def _measure(self, count: int) -> None:
        frames = np.lib.stride_tricks.sliding_window_view(self._rest, _FFT)[::_HOP][:count]
        spectrum = scipy.fft.rfft(frames * _hann(), axis=1)
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
        self._rest = self._rest[count * _HOP :]
        levels = np.log10(1 + _LOG_GAIN * (np.sqrt(power) @ _filters()))
        self._flux.append(self._log_flux(levels))
        self._bands.append(self._band_flux(power @ _wide_bands()))

    def _log_flux(self, levels: Samples) -> Samples:
        before = np.repeat(levels[:1], _LAG, axis=0) if self._before is None else self._before
        joined = np.concatenate([before, levels])
        self._before = joined[-_LAG:]
        widest = joined.copy()
        widest[:, 1:] = np.maximum(widest[:, 1:], joined[:, :-1])
        widest[:, :-1] = np.maximum(widest[:, :-1], joined[:, 1:])
        return np.asarray(np.maximum(0, levels - widest[:-_LAG]).mean(axis=1), np.float32)

    def _band_flux(self, power: Samples) -> Samples:
        before = power[:1] if self._power_before is None else self._power_before
        self._power_before = power[-1:]
        return np.asarray(np.maximum(0, np.diff(power, axis=0, prepend=before)), np.float32)


@cache
def _hann() -> Samples:
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_FFT) / _FFT), np.float32)


@cache
def _filters() -> Samples:
    """Overlapping triangles [1025, bands] on a logarithmic scale from 30 Hz to 16 kHz, each of unit sum."""
    octaves = np.log2(BAND_EDGES_HZ[-1] / BAND_EDGES_HZ[0])
    centres_hz = BAND_EDGES_HZ[0] * 2 ** (np.arange(round(octaves * _BANDS_PER_OCTAVE)) / _BANDS_PER_OCTAVE)
    edges = np.unique(np.round(centres_hz * _FFT / RATE_HZ).astype(int))
    bins = np.arange(_FFT // 2 + 1)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    weights = np.maximum(0.0, np.minimum(rising, falling))
    return np.asarray(weights / weights.sum(axis=0), np.float32)


@cache
def _wide_bands() -> Samples:
    """Zeros and ones [1025, 3]."""
    hz = np.arange(_FFT // 2 + 1)[:, None] * RATE_HZ / _FFT
    edges: npt.NDArray[np.float64] = np.array(BAND_EDGES_HZ)
    return ((hz >= edges[:-1]) & (hz < edges[1:])).astype(np.float32)

"""What the networks of `beat_networks` were trained to look at: spectra of three window lengths and their growth.

Magnitudes of windows of 1024, 2048 and 4096 samples at 44.1 kHz, a hundred a second, centred on their moment, in
overlapping triangles of unit sum on a logarithmic scale from 30 Hz to 17 kHz; log10(1 + x), beside it the growth since
one or two frames before.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import scipy.fft

from clipzy_server.analysis.sound.onsets import FRAME_RATE, RATE_HZ
from clipzy_server.media.samples import Samples

_HOP = RATE_HZ // FRAME_RATE
_LOWEST_HZ, _HIGHEST_HZ, _REFERENCE_HZ = 30.0, 17_000.0, 440.0
# Window, frames back to which growth is measured, bands an octave for beats and for bars.
_RESOLUTIONS = ((1024, 1, 6, 3), (2048, 1, 6, 6), (4096, 2, 6, 12))
_BATCH = 100


@dataclass(frozen=True, slots=True)
class Spectra:
    """Features of each frame [n, 266] for the beat networks and [n, 314] for the bar networks."""

    beats: Samples
    bars: Samples


def beat_spectra(sound: Samples) -> Spectra:
    """Of mono samples [n] at 44.1 kHz; one frame for each full or begun 10 ms."""
    count = -(-len(sound) // _HOP)
    beats, bars = [], []
    for size, lag, for_beats, for_bars in _RESOLUTIONS:
        both = _levels(sound, count, size, (for_beats, for_bars))
        width = _triangles(size, for_beats).shape[1]
        beats.append(_with_growth(both[:, :width], lag))
        bars.append(_with_growth(both[:, width:], lag))
    return Spectra(np.concatenate(beats, axis=1), np.concatenate(bars, axis=1))


def _levels(sound: Samples, count: int, size: int, bands_per_octave: tuple[int, int]) -> Samples:
    weights = np.concatenate([_triangles(size, bands) for bands in bands_per_octave], axis=1)
    window = np.hanning(size).astype(np.float32)
    parts = []
    for first in range(0, count, _BATCH):
        frames = _frames(sound, first, min(count, first + _BATCH), size)
        spectrum = scipy.fft.rfft(frames * window, axis=1)[:, : size // 2]
        parts.append(np.log10(1 + np.abs(spectrum) @ weights))
    return np.concatenate(parts)


def _frames(sound: Samples, first: int, end: int, size: int) -> Samples:
    """Frames [end − first, size] of the sound, with silence around it."""
    start = first * _HOP - size // 2
    piece = np.zeros((end - 1 - first) * _HOP + size, np.float32)
    inside = sound[max(0, start) : max(0, start + len(piece))]
    piece[max(0, -start) :][: len(inside)] = inside
    return np.lib.stride_tricks.sliding_window_view(piece, size)[::_HOP]


def _with_growth(levels: Samples, lag: int) -> Samples:
    growth = np.zeros_like(levels)
    growth[lag:] = np.maximum(0, levels[lag:] - levels[:-lag])
    return np.concatenate([levels, growth], axis=1)


@cache
def _triangles(size: int, bands_per_octave: int) -> npt.NDArray[np.float32]:
    """Weights [size / 2, bands]: each triangle reaches from the middle of the one before to that of the next."""
    lowest = np.ceil(bands_per_octave * np.log2(_LOWEST_HZ / _REFERENCE_HZ))
    highest = np.floor(bands_per_octave * np.log2(_HIGHEST_HZ / _REFERENCE_HZ))
    hz = _REFERENCE_HZ * 2 ** (np.arange(lowest, highest + 1) / bands_per_octave)
    edges = np.unique(np.clip(np.round(hz * size / RATE_HZ), 0, size // 2 - 1).astype(int))
    weights = np.zeros((size // 2, len(edges) - 2))
    for band, (first, middle, end) in enumerate(zip(edges, edges[1:], edges[2:], strict=False)):
        if end - first < 2:
            weights[first, band] = 1
            continue
        weights[first:middle, band] = np.arange(middle - first) / (middle - first)
        weights[middle:end, band] = 1 - np.arange(end - middle) / (end - middle)
    return np.asarray(weights / weights.sum(axis=0), np.float32)

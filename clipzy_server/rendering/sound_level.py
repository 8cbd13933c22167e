"""The level: gain to a loudness under a ceiling of true peak, by measuring, limiting and measuring again."""

import numpy as np
import numpy.typing as npt
import scipy.signal
from scipy.ndimage import minimum_filter1d, uniform_filter1d

from clipzy_server.domain.style import Loudness
from clipzy_server.media.loudness import LoudnessMeter
from clipzy_server.rendering.kernels.compression import release
from clipzy_server.rendering.sound_edit import RATE_HZ

_BLOCK = 10 * RATE_HZ
# AAC moves peaks a little; this much is left for it under the ceiling.
_ENCODER_MARGIN_DB = 0.7
_CLOSE_LU = 0.05
_MOST_CORRECTIONS = 4
# Quieter footage is hardly more than noise, which no template's level should bring up.
_MOST_GAIN_DB = 40.0
_OVERSAMPLING = 4
_TAPS_A_SIDE = 12
_LOOK_AHEAD = 5 * RATE_HZ // 1000
_RELEASE_S = 0.06
# After this long the release has forgotten where it began, so that blocks can be limited one by one.
_MEMORY = RATE_HZ

Stereo = npt.NDArray[np.float32]


def measure_loudness(samples: Stereo, *, true_peak: bool = True) -> Loudness:
    """Loudness of samples [n, 2]."""
    meter = LoudnessMeter(RATE_HZ, "stereo", true_peak=true_peak)
    for first in range(0, len(samples), RATE_HZ):
        meter.push(samples[first : first + RATE_HZ].T)
    return meter.finish()


def bring_to_loudness(source: Stereo, output: Stereo, target_lufs: float, ceiling_dbtp: float) -> Loudness:
    """Fill `output` with `source` (both [n, 2]) at `target_lufs`, true peaks below the ceiling; returns its loudness.

    Where the ceiling makes the limiter take loudness away, the gain before it rises, up to four times.
    """
    before = measure_loudness(source)
    if before.integrated_lufs is None or before.true_peak_dbtp is None:
        _copy(source, output, 0.0)
        return before
    gain_db = min(_MOST_GAIN_DB, target_lufs - before.integrated_lufs)
    ceiling_dbtp -= _ENCODER_MARGIN_DB
    if before.true_peak_dbtp + gain_db <= ceiling_dbtp:
        _copy(source, output, gain_db)
        return Loudness(before.integrated_lufs + gain_db, before.range_lu, before.true_peak_dbtp + gain_db)
    for _ in range(1 + _MOST_CORRECTIONS):
        limit_peaks(source, output, gain_db, ceiling_dbtp)
        reached = measure_loudness(output, true_peak=False).integrated_lufs
        if reached is None or abs(target_lufs - reached) <= _CLOSE_LU or gain_db >= _MOST_GAIN_DB:
            break
        gain_db = min(_MOST_GAIN_DB, gain_db + (target_lufs - reached) * (1 if reached > target_lufs else 1.3))
    return measure_loudness(output)


def _copy(source: Stereo, output: Stereo, gain_db: float) -> None:
    gain = np.float32(10 ** (gain_db / 20))
    for first in range(0, len(source), _BLOCK):
        output[first : first + _BLOCK] = source[first : first + _BLOCK] * gain


def limit_peaks(source: Stereo, output: Stereo, gain_db: float, ceiling_dbtp: float) -> None:
    """Fill `output` with `source` louder by `gain_db`, turned down around every peak (of the fourfold rate) above the
    ceiling. The gain falls over 5 ms before a peak and comes back over about 60 ms: no sample is ever clipped.
    """
    factor, ceiling = np.float32(10 ** (gain_db / 20)), 10 ** (ceiling_dbtp / 20)
    for first in range(0, len(source), _BLOCK):
        low = max(0, first - _MEMORY)
        high = min(len(source), first + _BLOCK + 3 * _LOOK_AHEAD)
        block = source[low:high] * factor
        gains = _gains(block, ceiling)[first - low : first - low + _BLOCK]
        part = block[first - low : first - low + len(gains)]
        count = min(_BLOCK, len(source) - first)
        output[first : first + count] = part[:count] * gains[:count, None].astype(np.float32)


def _gains(block: Stereo, ceiling: float) -> npt.NDArray[np.float64]:
    """Gain [n] for each sample of a block."""
    needed = np.minimum(1.0, ceiling / np.maximum(true_peaks(block), 1e-9))
    if needed.min() >= 1.0:
        return np.ones(len(block))
    gains = minimum_filter1d(needed, 2 * _LOOK_AHEAD + 1, mode="nearest")
    release(gains, 1 - np.exp(-1 / (RATE_HZ * _RELEASE_S)))
    # Two boxes within the look-ahead: every mean is over gains that already suffice for the sample.
    for _ in range(2):
        gains = uniform_filter1d(gains, _LOOK_AHEAD - 1, mode="nearest")
    return np.asarray(gains)


def true_peaks(block: Stereo) -> npt.NDArray[np.float64]:
    """Highest level [n] at each sample and the three points up to the next, over both channels, by windowed sinc."""
    length = 2 * _TAPS_A_SIDE * _OVERSAMPLING + 1
    taps = scipy.signal.firwin(length, 1 / _OVERSAMPLING, window=("kaiser", 7.0)) * _OVERSAMPLING
    finer = scipy.signal.upfirdn(taps, block, _OVERSAMPLING, axis=0)
    delay = (length - 1) // 2
    finer = np.abs(finer[delay : delay + len(block) * _OVERSAMPLING]).max(axis=1)
    peaks = finer.reshape(len(block), _OVERSAMPLING).max(axis=1)
    return np.asarray(np.maximum(peaks, np.abs(block).max(axis=1)), np.float64)

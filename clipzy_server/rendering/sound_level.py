"""The level: gain to a loudness under a ceiling of true peak, by measuring, limiting and measuring again."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import minimum_filter1d, uniform_filter1d

from clipzy_server.domain.style import Loudness
from clipzy_server.media.loudness import LoudnessMeter
from clipzy_server.media.mapped import passing
from clipzy_server.media.true_peak import TAPS_A_SIDE, true_peaks
from clipzy_server.rendering.kernels.compression import release
from clipzy_server.rendering.sound_edit import RATE_HZ

_BLOCK = 10 * RATE_HZ
# AAC moves peaks a little; this much is left for it under the ceiling.
_ENCODER_MARGIN_DB = 0.7
_CLOSE_LU = 0.05
_MOST_CORRECTIONS = 4
# Quieter footage is hardly more than noise, which no template's level should bring up.
_MOST_GAIN_DB = 40.0
_LEAST_YIELD = 0.15
_LOOK_AHEAD = 5 * RATE_HZ // 1000
_RELEASE_S = 0.06
# After this long the release has forgotten where it began, so that blocks can be limited one by one.
_MEMORY = RATE_HZ

Stereo = npt.NDArray[np.float32]


def measure_loudness(samples: Stereo, *, true_peak: bool = True) -> Loudness:
    """Loudness of samples [n, 2]."""
    meter = LoudnessMeter(RATE_HZ, "stereo", true_peak=true_peak)
    for block in passing(len(samples), RATE_HZ, samples):
        meter.push(samples[block].T)
    return meter.finish()


@dataclass(frozen=True, slots=True)
class Buffers:
    """Room for the result [n, 2] and for the true peak at every sample [n], in memory or in files."""

    output: Stereo
    peaks: npt.NDArray[np.float32]


def bring_to_loudness(source: Stereo, room: Buffers, target_lufs: float, ceiling_dbtp: float) -> Loudness:
    """Fill `room.output` with `source` [n, 2] at `target_lufs`, true peaks below the ceiling; returns its loudness.

    Where the ceiling makes the limiter take loudness away, the gain before it rises, up to four times.
    """
    integrated_lufs = measure_loudness(source, true_peak=False).integrated_lufs
    gain_db = 0.0 if integrated_lufs is None else min(_MOST_GAIN_DB, target_lufs - integrated_lufs)
    highest = _find_peaks(source, room.peaks)
    ceiling_dbtp -= _ENCODER_MARGIN_DB
    if integrated_lufs is None or 20 * np.log10(highest + 1e-12) + gain_db <= ceiling_dbtp:
        _copy(source, room.output, gain_db)
        return measure_loudness(room.output)
    gained, before_lufs, yielded = gain_db, target_lufs, 1.0
    for _ in range(1 + _MOST_CORRECTIONS):
        limit_peaks(source, room, gain_db, ceiling_dbtp)
        reached = measure_loudness(room.output, true_peak=False).integrated_lufs
        if reached is None or abs(target_lufs - reached) <= _CLOSE_LU or gain_db >= _MOST_GAIN_DB:
            break
        # What a dB of gain gave so far; the limiter lets less through the harder it works.
        if gain_db > gained:
            yielded = max(_LEAST_YIELD, (reached - before_lufs) / (gain_db - gained))
        gained, before_lufs = gain_db, reached
        gain_db = min(_MOST_GAIN_DB, gain_db + (target_lufs - reached) / yielded)
    return measure_loudness(room.output)


def _copy(source: Stereo, output: Stereo, gain_db: float) -> None:
    gain = np.float32(10 ** (gain_db / 20))
    for block in passing(len(source), _BLOCK, source, output):
        output[block] = source[block] * gain


def _find_peaks(source: Stereo, peaks: npt.NDArray[np.float32]) -> float:
    """Fill `peaks`; returns the highest."""
    highest = 0.0
    for block in passing(len(source), _BLOCK, source, peaks):
        low = max(0, block.start - TAPS_A_SIDE)
        part = true_peaks(source[low : block.stop + TAPS_A_SIDE].T)[block.start - low : block.stop - low]
        peaks[block] = part
        highest = max(highest, float(part.max(initial=0.0)))
    return highest


def limit_peaks(source: Stereo, room: Buffers, gain_db: float, ceiling_dbtp: float) -> None:
    """Fill `room.output` with `source` louder by `gain_db`, turned down around every one of `room.peaks` above the
    ceiling. The gain falls over 5 ms before a peak and comes back over about 60 ms: no sample is ever clipped.
    """
    factor, ceiling = np.float32(10 ** (gain_db / 20)), 10 ** (ceiling_dbtp / 20)
    for block in passing(len(source), _BLOCK, source, room.output, room.peaks):
        low = max(0, block.start - _MEMORY)
        around = room.peaks[low : block.stop + 3 * _LOOK_AHEAD]
        gains = _gains(around * factor, ceiling)[block.start - low : block.stop - low]
        room.output[block] = source[block] * (gains.astype(np.float32) * factor)[:, None]


def _gains(peaks: npt.NDArray[np.float32], ceiling: float) -> npt.NDArray[np.float64]:
    """Gain [n] for each sample."""
    needed = np.minimum(1.0, ceiling / np.maximum(peaks.astype(np.float64), 1e-9))
    if needed.min(initial=1.0) >= 1.0:
        return np.ones(len(needed))
    gains = minimum_filter1d(needed, 2 * _LOOK_AHEAD + 1, mode="nearest")
    release(gains, 1 - np.exp(-1 / (RATE_HZ * _RELEASE_S)))
    # Two boxes within the look-ahead: every mean is over gains that already suffice for the sample.
    for _ in range(2):
        gains = uniform_filter1d(gains, _LOOK_AHEAD - 1, mode="nearest")
    return np.asarray(gains)

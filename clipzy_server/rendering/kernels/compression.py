"""The loop of a feed-forward compressor."""

import math

import numpy as np
import numpy.typing as npt
from numba import njit, types

_NUMBER = types.float64


@njit(_NUMBER(types.float32[:, :], *[_NUMBER] * 5), cache=True, nogil=True)
def compress(
    samples: npt.NDArray[np.float32],
    threshold_db: float,
    slope: float,
    rise: float,
    fall: float,
    reduction_db: float,
) -> float:
    """Turn down samples [n, 2] in place where their level is above the threshold; returns the reduction at the end, dB.

    `slope` is 1 − 1 / ratio, `rise` and `fall` the shares of the way that the reduction goes in one sample.
    """
    for n in range(samples.shape[0]):
        level = max(abs(samples[n, 0]), abs(samples[n, 1]))
        over_db = 20.0 * math.log10(level + 1e-7) - threshold_db
        wanted_db = slope * over_db if over_db > 0.0 else 0.0
        reduction_db += (wanted_db - reduction_db) * (rise if wanted_db > reduction_db else fall)
        gain = 10.0 ** (-reduction_db / 20.0)
        samples[n, 0] *= gain
        samples[n, 1] *= gain
    return reduction_db


@njit(types.void(_NUMBER[:], _NUMBER), cache=True, nogil=True)
def release(gains: npt.NDArray[np.float64], step: float) -> None:
    """Let gains [n] rise no faster than `step` of the way to 1 in one sample, in place."""
    now = 1.0
    for n in range(len(gains)):
        now = min(gains[n], now + (1.0 - now) * step)
        gains[n] = now

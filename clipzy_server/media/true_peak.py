"""Peaks between the samples: ITU-R BS.1770-4, annex 2, by fourfold oversampling with a windowed sinc."""

from functools import cache

import numpy as np
import numpy.typing as npt

from clipzy_server.media.kernels.oversample import highest, highest_above
from clipzy_server.media.samples import Samples

TAPS_A_SIDE = 12
_OVERSAMPLING = 4
_LENGTH = 2 * TAPS_A_SIDE * _OVERSAMPLING + 1
# The sinc is 0 on every sample but its own; what a computed one leaves there is rounding.
_NO_TAP = 1e-9


@cache
def _phases() -> Samples:
    """The filter [4, 25] that makes each of the four points from the samples up to 12 before and after it."""
    taps = np.zeros((2 * TAPS_A_SIDE + 1) * _OVERSAMPLING)
    sinc = np.sinc((np.arange(_LENGTH) - _LENGTH // 2) / _OVERSAMPLING) * np.kaiser(_LENGTH, 7.0)
    taps[:_LENGTH] = sinc / sinc.sum() * _OVERSAMPLING
    taps[np.abs(taps) < _NO_TAP] = 0
    return np.ascontiguousarray(taps.reshape(-1, _OVERSAMPLING).T[:, ::-1], np.float32)


def true_peaks(block: Samples) -> npt.NDArray[np.float32]:
    """Highest level [n] of all channels of `block` [channels, n] at each sample and the three points up to the next.

    Nearer than 12 samples to an end the points between the samples take the outside for silence.
    """
    padded = np.pad(np.asarray(block, np.float32), ((0, 0), (TAPS_A_SIDE, TAPS_A_SIDE)))
    return np.asarray(np.maximum(np.abs(block).max(axis=0), highest(np.ascontiguousarray(padded), _phases())))


class PeakMeter:
    """Streaming: blocks [channels, n] in. At the very ends of the sound only the samples themselves count, since what
    lies outside is unknown.
    """

    def __init__(self) -> None:
        self._context: Samples | None = None
        self._peak = 0.0

    def push(self, block: Samples) -> None:
        """Take the next samples."""
        self._peak = max(self._peak, float(np.abs(block).max(initial=0.0)))
        joined = block if self._context is None else np.concatenate([self._context, block], axis=1)
        if joined.shape[1] > 2 * TAPS_A_SIDE:
            # The points up to the sample after the last one follow when more is known.
            self._peak = float(highest_above(np.ascontiguousarray(joined[:, :-1]), _phases(), self._peak))
        self._context = joined[:, -2 * TAPS_A_SIDE - 1 :]

    @property
    def peak(self) -> float:
        """The highest level so far; full scale is 1."""
        return self._peak

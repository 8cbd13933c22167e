"""Second-order sections: filters of sound as rows (b0, b1, b2, 1, a1, a2), and their way through it block by block.

`scipy.signal` has them too, but with it comes 28 MB of statistics and optimisers, for every process to carry.
"""

import numpy as np
import numpy.typing as npt

from clipzy_server.media.kernels.sections import filter_sections
from clipzy_server.media.samples import Samples

Doubles = npt.NDArray[np.float64]


class SectionFilter:
    """Streaming: blocks [n, channels] in, float64 of the same shape out."""

    def __init__(self, sections: Doubles, channels: int) -> None:
        self._sections = np.ascontiguousarray(sections, np.float64)
        self._states = np.zeros((len(sections), channels, 2))

    def push(self, block: Samples) -> Doubles:
        """The next samples, filtered."""
        return filter_sections(np.ascontiguousarray(block, np.float32), self._sections, self._states)


def band_pass(order: int, low_hz: float, high_hz: float, rate_hz: int) -> Doubles:
    """Butterworth's band-pass [order, 6], 3 dB down at both edges, 0 < low < high < rate/2.

    The poles of the low-pass, moved to the band and by the bilinear transform into the unit circle (Oppenheim and
    Schafer, "Discrete-Time Signal Processing", chapter 7); each pair of them has a zero at 0 Hz and one at half the
    rate.
    """
    low, high = np.tan(np.pi * np.array([low_hz, high_hz]) / rate_hz)
    low_pass = np.exp(1j * np.pi * (np.arange(order) + 0.5 + order / 2) / order)
    middle = low_pass * (high - low) / 2
    root = np.sqrt(middle**2 - low * high)
    analog = np.concatenate([middle + root, middle - root])
    poles = (1 + analog) / (1 - analog)
    poles = poles[poles.imag > 0]
    numerator, denominator = np.zeros((2, order, 3))
    numerator[:], denominator[:] = (1, 0, -1), np.stack([np.ones(order), -2 * poles.real, abs(poles) ** 2], axis=1)
    centre = np.exp(-2j * np.arctan(np.sqrt(low * high)) * np.arange(3))
    numerator /= abs((numerator @ centre) / (denominator @ centre))[:, None]
    return np.concatenate([numerator, denominator], axis=1)

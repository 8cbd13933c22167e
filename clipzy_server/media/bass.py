"""The bass index: level of 30–120 Hz above the level of 200–4000 Hz, which `bass_boost` stands for."""

import numpy as np
import scipy.signal

from clipzy_server.media.samples import Samples

BASS_HZ = (30.0, 120.0)
BODY_HZ = (200.0, 4000.0)
_ORDER = 6
_LEAST_POWER = 1e-14


class BassMeter:
    """Streaming: mono blocks [n] in; two Butterworth band-passes of sixth order, powers summed over the whole sound."""

    def __init__(self, rate_hz: int) -> None:
        self._filters = [_band(edges, rate_hz) for edges in (BASS_HZ, BODY_HZ)]
        self._states = [np.zeros((len(sos), 2)) for sos in self._filters]
        self._powers = [0.0, 0.0]
        self._count = 0

    def push(self, block: Samples) -> None:
        """Take the next samples."""
        self._count += len(block)
        for k, sos in enumerate(self._filters):
            filtered, self._states[k] = scipy.signal.sosfilt(sos, block, zi=self._states[k])
            self._powers[k] += float(np.dot(filtered, filtered))

    def finish(self) -> float | None:
        """The index in dB; None for silence."""
        bass, body = (power / max(1, self._count) for power in self._powers)
        if bass + body <= _LEAST_POWER:
            return None
        return float(10 * np.log10((bass + _LEAST_POWER) / (body + _LEAST_POWER)))


def _band(edges_hz: tuple[float, float], rate_hz: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    highest_hz = min(edges_hz[1], 0.45 * rate_hz)
    sos = scipy.signal.butter(_ORDER, (edges_hz[0], highest_hz), "band", fs=rate_hz, output="sos")
    return np.asarray(sos)

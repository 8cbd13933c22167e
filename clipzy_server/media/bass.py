"""The bass index: level of 30–120 Hz above the level of 200–4000 Hz, which `bass_boost` stands for."""

import numpy as np

from clipzy_server.media.biquads import SectionFilter, band_pass
from clipzy_server.media.samples import Samples

BASS_HZ = (30.0, 120.0)
BODY_HZ = (200.0, 4000.0)
_ORDER = 6
_LEAST_POWER = 1e-14


class BassMeter:
    """Streaming: mono blocks [n] in; two Butterworth band-passes of sixth order, powers summed over the whole sound."""

    def __init__(self, rate_hz: int) -> None:
        self._filters = [_band(edges, rate_hz) for edges in (BASS_HZ, BODY_HZ)]
        self._powers = [0.0, 0.0]
        self._count = 0

    def push(self, block: Samples) -> None:
        """Take the next samples."""
        self._count += len(block)
        for k, one in enumerate(self._filters):
            filtered = one.push(block[:, None])
            self._powers[k] += float(np.vdot(filtered, filtered))

    def finish(self) -> float | None:
        """The index in dB; None for silence."""
        bass, body = (power / max(1, self._count) for power in self._powers)
        if bass + body <= _LEAST_POWER:
            return None
        return float(10 * np.log10((bass + _LEAST_POWER) / (body + _LEAST_POWER)))


def _band(edges_hz: tuple[float, float], rate_hz: int) -> SectionFilter:
    return SectionFilter(band_pass(_ORDER, edges_hz[0], min(edges_hz[1], 0.45 * rate_hz), rate_hz), 1)

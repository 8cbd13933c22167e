"""Loudness by EBU R128: integrated and range by FFmpeg's `ebur128` on the track's own channels, and true peak.

ITU-R BS.1770-4, EBU Tech 3341 and 3342. Error on their test signals: 0.03 LU, 0.1 LU, 0.05 dB.
"""

from dataclasses import dataclass

import av
import numpy as np
from av.filter import Graph

from clipzy_server.domain.style import Loudness
from clipzy_server.media.samples import Samples
from clipzy_server.media.true_peak import PeakMeter

# The meter's reading when nothing passed its absolute gate.
_NOTHING_LUFS = -70.0
_LEAST_PEAK = 1e-6


@dataclass(frozen=True, slots=True)
class Reading:
    """Loudness at a moment, LUFS: `momentary` over the 0.4 s before it, `short_term` over the 3 s."""

    time_s: float
    momentary: float
    short_term: float


class LoudnessMeter:
    """Streaming: blocks [channels, n] in. Memory does not grow.

    A list given as `readings` gets one every 0.1 s.
    """

    def __init__(
        self, rate_hz: int, layout: str, *, true_peak: bool = True, readings: list[Reading] | None = None
    ) -> None:
        self._readings = readings
        self._rate_hz, self._layout = rate_hz, layout
        self._graph = Graph()
        source = self._graph.add_abuffer(sample_rate=rate_hz, format="fltp", layout=layout)
        meter = self._graph.add("ebur128", "metadata=1")
        sink = self._graph.add("abuffersink")
        source.link_to(meter)
        meter.link_to(sink)
        self._graph.configure()
        self._latest: dict[str, str] = {}
        self._pushed = 0
        self._peaks = PeakMeter() if true_peak else None

    def push(self, block: Samples) -> None:
        """Take the next samples."""
        # Damaged sound may decode to values that are no numbers, which would spoil every later reading.
        clean = np.ascontiguousarray(block, np.float32)
        if not np.isfinite(clean).all():
            clean = np.nan_to_num(clean, posinf=0.0, neginf=0.0)
        frame = av.AudioFrame.from_ndarray(clean, "fltp", self._layout)
        frame.sample_rate = self._rate_hz
        frame.pts = self._pushed
        self._pushed += block.shape[1]
        if self._peaks is not None:
            self._peaks.push(clean)
        self._graph.push(frame)
        self._drain()

    def finish(self) -> Loudness:
        """The readings; None where nothing was loud enough to count."""
        if self._pushed:
            self._graph.push(None)
            self._drain()
        integrated = float(self._latest.get("lavfi.r128.I", _NOTHING_LUFS))
        if not np.isfinite(integrated) or integrated <= _NOTHING_LUFS:
            return Loudness()
        range_lu = float(self._latest.get("lavfi.r128.LRA", 0.0))
        if self._peaks is None:
            return Loudness(integrated, range_lu)
        return Loudness(integrated, range_lu, float(20 * np.log10(max(self._peaks.peak, _LEAST_PEAK))))

    def _drain(self) -> None:
        while True:
            try:
                frame = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            self._latest.update(frame.metadata)
            if self._readings is not None and isinstance(frame, av.AudioFrame) and "lavfi.r128.M" in frame.metadata:
                self._readings.append(self._reading(frame))

    def _reading(self, frame: av.AudioFrame) -> Reading:
        end_s = ((frame.pts or 0) + frame.samples) / self._rate_hz
        return Reading(end_s, *(float(frame.metadata[f"lavfi.r128.{kind}"]) for kind in "MS"))

"""How strongly the dynamics are compressed: a class of ratio by the spread of short-time levels."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clipzy_server.media.samples import Samples

BLOCK_S = 0.02
# The steps of ratio that compressors print on their switches.
RATIOS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0)
# Spread of the levels of sound that was not compressed, measured on natural speech and music.
_NATURAL_SPREAD_DB = 12.0
# A compressor that takes time to act narrows the spread by less than its ratio.
_EXPONENT = 1.8
_GATE_DB = 40.0
_SILENCE_DB = -80.0
_LEAST_BLOCKS = 50


@dataclass(frozen=True, slots=True)
class Dynamics:
    """Ratio class (1 for silence), crest in dB (None for silence), the spread it comes from."""

    compression_ratio: float
    crest_db: float | None
    spread_db: float | None


class LevelMeter:
    """Streaming: mono blocks [n] in; keeps one level per 20 ms, 14 KB a minute."""

    def __init__(self, rate_hz: int) -> None:
        self._size = max(1, round(BLOCK_S * rate_hz))
        self._rest: Samples = np.zeros(0, np.float32)
        self._powers: list[Samples] = []
        self._peak = 0.0

    def push(self, block: Samples) -> None:
        """Take the next samples."""
        self._peak = max(self._peak, float(np.abs(block).max(initial=0.0)))
        joined = np.concatenate([self._rest, block])
        whole = len(joined) // self._size * self._size
        parts = joined[:whole].reshape(-1, self._size)
        self._powers.append(np.asarray((parts.astype(np.float32) ** 2).mean(axis=1), np.float32))
        self._rest = joined[whole:]

    def levels_db(self) -> npt.NDArray[np.float64]:
        """The level of every 20 ms [n], dB of full scale."""
        power = np.concatenate(self._powers) if self._powers else np.zeros(0, np.float32)
        return np.asarray(10 * np.log10(power.astype(np.float64) + 1e-12))

    def finish(self) -> Dynamics:
        """Spread: middle 80 % of the 20 ms levels within 40 dB of the loud ones (their 95 % quantile)."""
        level = self.levels_db()
        loud = np.quantile(level, 0.95) if len(level) else -120.0
        if loud < _SILENCE_DB:
            return Dynamics(1.0, None, None)
        heard = level[level > loud - _GATE_DB]
        mean_db = 10 * np.log10(np.mean(10 ** (heard / 10)))
        crest_db = float(20 * np.log10(self._peak + 1e-12) - mean_db)
        if len(heard) < _LEAST_BLOCKS:
            return Dynamics(1.0, crest_db, None)
        spread_db = float(np.quantile(heard, 0.9) - np.quantile(heard, 0.1))
        ratio = (_NATURAL_SPREAD_DB / max(spread_db, 0.1)) ** _EXPONENT
        return Dynamics(ratio_class(ratio), crest_db, spread_db)


def ratio_class(ratio: float) -> float:
    """The nearest class, in proportion."""
    return min(RATIOS, key=lambda step: abs(np.log(step / max(ratio, 1.0))))

"""Which band a beat sounds in: the one with the greatest growth of power within 30 ms of it."""

import numpy as np
import numpy.typing as npt

from clipzy_server.analysis.sound.onsets import Onsets
from clipzy_server.domain.style import BeatBand

_NEAR_FRAMES = 3
_BANDS = (BeatBand.BASS, BeatBand.MID, BeatBand.TREBLE)


def beat_bands(beats: npt.NDArray[np.float64], onsets: Onsets) -> list[BeatBand]:
    """One band for each beat (in frames): bass 30–200 Hz, mid 200–2000 Hz, treble above."""
    reach = np.arange(-_NEAR_FRAMES, _NEAR_FRAMES + 1)
    places = np.clip(np.round(beats).astype(int)[:, None] + reach, 0, max(0, len(onsets.bands) - 1))
    growth = onsets.bands[places].sum(axis=1)
    return [_BANDS[int(band)] for band in growth.argmax(axis=1)]

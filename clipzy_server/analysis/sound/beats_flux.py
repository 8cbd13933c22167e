"""Beat activation without any model: spectral flux, freed of its local mean and scaled by its local strength."""

import numpy as np
from scipy.ndimage import uniform_filter1d

from clipzy_server.analysis.sound.onsets import FRAME_RATE, Onsets
from clipzy_server.media.samples import Samples

_MEAN_FRAMES = 1 * FRAME_RATE
_SCALE_FRAMES = 8 * FRAME_RATE
# An onset counts fully when it is this many times the local root mean square of all flux.
_FULL_STRENGTH = 4.0
# Weaker than this share of the loudest passage nothing is worth a beat.
_FLOOR_SHARE = 0.02


def flux_activation(onsets: Onsets) -> Samples:
    """Activation [n] 0…1 at 100 frames a second."""
    flux = onsets.flux.astype(np.float64)
    if not len(flux) or flux.max() <= 0:
        return np.zeros(len(flux), np.float32)
    above = np.maximum(0, flux - uniform_filter1d(flux, _MEAN_FRAMES))
    # Its running sum may end a rounding error below zero where all is silent.
    scale = np.sqrt(np.maximum(0, uniform_filter1d(above**2, _SCALE_FRAMES, mode="reflect")))
    scale = np.maximum(scale, _FLOOR_SHARE * above.max())
    return np.asarray(np.clip(above / (_FULL_STRENGTH * scale), 0, 1), np.float32)

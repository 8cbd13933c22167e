"""Music made of a loop, where nothing else tells that it is music: drones and bare percussion.

Only a loop repeats itself exactly after seconds. Loops of something else are told by their classes; an engine's is
not, since a drone sounds to the classifier like one.
"""

import numpy as np
import numpy.typing as npt

from clipzy_server.analysis.sound.onsets import Onsets
from clipzy_server.analysis.sound.repetition import find_repetition

_LEAST_LIKENESS = 0.85
_LEAST_PERIOD_S = 2.0
# Turns of a machine are as like each other after one as after many.
_MOST_INNER_SHARE = 0.9
# AudioSet's voices and animals; weather, water and fire; sirens, horns and whistles of the road and the rails; alarms,
# telephones, sirens and whistles; silence; noise.
_NO_MUSIC = np.r_[0:132, 277:294, 302:305, 313:314, 316:320, 324:326, 382:398, 494:495, 507:516]
_LEAST_PROBABILITY = 0.1
# A hum in which nothing begins may pass for an organ, but it has no beat.
LEAST_FLUX = 1e-3


def is_musical_loop(classes: npt.NDArray[np.float16], onsets: Onsets) -> bool:
    """Whether a whole sound, by its class probabilities [windows, 521] and what begins, is one loop going round."""
    if not len(classes) or not len(onsets.flux) or np.quantile(onsets.flux, 0.95) < LEAST_FLUX:
        return False
    if classes[:, _NO_MUSIC].astype(np.float64).mean(axis=0).max() >= _LEAST_PROBABILITY:
        return False
    repetition = find_repetition(onsets)
    return (
        repetition is not None
        and repetition.likeness >= _LEAST_LIKENESS
        and repetition.period_s >= _LEAST_PERIOD_S
        and repetition.inner_likeness < _MOST_INNER_SHARE * repetition.likeness
    )

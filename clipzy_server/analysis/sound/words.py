"""When are words being spoken? The stretches between the pauses of speech, so that no cut falls into one."""

import numpy as np
import numpy.typing as npt

from clipzy_server.analysis.sound.dynamics import BLOCK_S
from clipzy_server.analysis.sound.gate import SPEECH_PROBABILITY
from clipzy_server.analysis.sound.stretches import runs
from clipzy_server.analysis.sound.yamnet import HOP_S, WINDOW_S
from clipzy_server.domain.analysis import Stretch

# A pause lies this far below the loud syllables around it, or near the ground between them.
_BELOW_LOUD_DB = 20.0
_ABOVE_GROUND_SHARE = 0.25
# Shorter silences are stops inside words.
_SHORTEST_PAUSE_S = 0.16
_SHORTEST_WORD_S = 0.06
# Levels are judged within this time, so that a speaker may come nearer or go.
_AROUND_S = 6.0

Levels = npt.NDArray[np.float64]


def find_words(levels_db: Levels, speech_probability: Levels) -> tuple[Stretch, ...]:
    """Stretches of words by levels [n] of 20 ms each and the probability of speech in each 0.48 s window [windows]."""
    spoken = _spoken_blocks(speech_probability, len(levels_db))
    words = []
    for first, end in runs(spoken):
        loud = first + np.flatnonzero(_is_loud(levels_db[first:end]))
        for start, stop in _joined(loud):
            if (stop - start) * BLOCK_S >= _SHORTEST_WORD_S:
                words.append(Stretch(round(start * BLOCK_S, 3), round(stop * BLOCK_S, 3)))
    return tuple(words)


def _spoken_blocks(probability: Levels, count: int) -> npt.NDArray[np.bool_]:
    spoken = np.zeros(count, bool)
    for window in np.flatnonzero(probability >= SPEECH_PROBABILITY):
        spoken[int(window * HOP_S / BLOCK_S) : int((window * HOP_S + WINDOW_S) / BLOCK_S) + 1] = True
    return spoken


def _is_loud(levels_db: Levels) -> npt.NDArray[np.bool_]:
    """Blocks [n] that are part of a word, judged against the levels around them."""
    size = round(_AROUND_S / BLOCK_S)
    loud = np.zeros(len(levels_db), bool)
    for first in range(0, len(levels_db), size // 2):
        around = levels_db[max(0, first - size // 4) : first + size * 3 // 4]
        ground_db, syllables_db = np.quantile(around, (0.1, 0.9))
        limit_db = max(syllables_db - _BELOW_LOUD_DB, ground_db + _ABOVE_GROUND_SHARE * (syllables_db - ground_db))
        part = slice(first, first + size // 2)
        loud[part] = levels_db[part] > limit_db
    return loud


def _joined(loud: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    """First and end of the runs of block numbers, gaps shorter than a pause closed."""
    found: list[tuple[int, int]] = []
    for block in loud.tolist():
        if found and (block - found[-1][1]) * BLOCK_S < _SHORTEST_PAUSE_S:
            found[-1] = (found[-1][0], block + 1)
        else:
            found.append((block, block + 1))
    return found

"""What does a line say?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from clipzy_server.analysis.words.networks import LINE_HEIGHT_PX, alphabet, letter_scores

_LEAST_WIDTH_PX, _MOST_WIDTH_PX = 32, 1600


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of a line and the mean probability of its letters, 0…1."""

    words: str
    confidence: float

    @property
    def letters(self) -> int:
        """How many letters and digits there are."""
        return sum(letter.isalnum() for letter in self.words)


def read_line(luma: npt.NDArray[np.uint8]) -> Reading:
    """Read the luma of one line, uint8[h, w]."""
    height, width = luma.shape
    wide = min(_MOST_WIDTH_PX, max(_LEAST_WIDTH_PX, round(width * LINE_HEIGHT_PX / height)))
    line = Image.fromarray(luma).resize((wide, LINE_HEIGHT_PX), Image.Resampling.BICUBIC)
    scores = letter_scores(np.asarray(line, np.float32))
    best = scores.argmax(axis=1)
    is_new = np.concatenate([[True], best[1:] != best[:-1]]) & (best != 0)
    if not is_new.any():
        return Reading("", 0.0)
    letters = alphabet()
    words = "".join(letters[number] for number in best[is_new]).strip()
    return Reading(words, float(scores.max(axis=1)[is_new].mean()))

"""Would a viewer see a cut between two moments of the footage?"""

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from clipzy_server.rendering.footage import Thumbs

# Mean difference of luma in levels, several times what grain and compression leave between equal pictures.
_SEEN_LEVELS = 9.0


def leap_is_seen(thumbs: Thumbs) -> Callable[[Fraction, Fraction], bool]:
    """A test of (last moment shown, next moment shown), seconds."""

    def seen(before_s: Fraction, after_s: Fraction) -> bool:
        one = thumbs.y[thumbs.index_at(float(before_s))].astype(np.int16)
        two = thumbs.y[thumbs.index_at(float(after_s))].astype(np.int16)
        return float(np.abs(two - one).mean()) >= _SEEN_LEVELS

    return seen

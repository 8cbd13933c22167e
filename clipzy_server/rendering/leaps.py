"""How clearly would a viewer see a cut between two moments of the footage?"""

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from clipzy_server.rendering.footage import Thumbs

# Mean difference of luma in levels: several times what grain and compression leave between equal pictures, and more
# than that.
SEEN_LEVELS, FELT_LEVELS = 9.0, 3.0


def leap_levels(thumbs: Thumbs) -> Callable[[Fraction, Fraction], float]:
    """A measure of (last moment shown, next moment shown), seconds: their mean difference in levels of luma."""

    def levels(before_s: Fraction, after_s: Fraction) -> float:
        one = thumbs.y[thumbs.index_at(float(before_s))].astype(np.int16)
        two = thumbs.y[thumbs.index_at(float(after_s))].astype(np.int16)
        return float(np.abs(two - one).mean())

    return levels

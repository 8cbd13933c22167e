"""The dominant colours of a look, by k-means on its representatives."""

import numpy as np
import numpy.typing as npt

from clipzy_server.domain.oklab import rgb_from_oklab
from clipzy_server.domain.style import Look, PaletteColor

Doubles = npt.NDArray[np.float64]

_COLOR_COUNT = 6
_ROUNDS = 30
_ALIKE = 0.03


def palette_of(look: Look) -> tuple[PaletteColor, ...]:
    """At most six colours, the largest share first; fewer where colours are alike."""
    colors = np.array([(color.l, color.a, color.b) for color in look.colors])
    weights = np.array([color.weight for color in look.colors])
    centres = _spread_centres(colors, weights)
    nearest = _nearest(colors, centres)
    for _ in range(_ROUNDS):
        centres = np.array(
            [np.average(colors[nearest == k], axis=0, weights=weights[nearest == k]) for k in set(nearest)]
        )
        before, nearest = nearest, _nearest(colors, centres)
        if np.array_equal(before, nearest):
            break
    shares = np.bincount(nearest, weights=weights, minlength=len(centres)) / weights.sum()
    shown = np.clip(rgb_from_oklab(centres.astype(np.float32)), 0, 1)
    order = np.argsort(-shares, kind="stable")
    return tuple(PaletteColor(_hex(shown[k]), round(float(shares[k]), 4)) for k in order)


def _nearest(colors: Doubles, centres: Doubles) -> npt.NDArray[np.intp]:
    return np.asarray(np.argmin(((colors[:, None] - centres) ** 2).sum(axis=2), axis=1))


def _spread_centres(colors: Doubles, weights: Doubles) -> Doubles:
    """The heaviest colour, then always the colour that is heaviest times farthest from those taken."""
    centres = [colors[np.argmax(weights)]]
    while len(centres) < _COLOR_COUNT:
        distance = np.min([((colors - centre) ** 2).sum(axis=1) for centre in centres], axis=0)
        best = int(np.argmax(weights * distance))
        if distance[best] < _ALIKE**2:
            break
        centres.append(colors[best])
    return np.array(centres)


def _hex(rgb: Doubles) -> str:
    return "#" + "".join(f"{round(float(channel) * 255):02x}" for channel in rgb)

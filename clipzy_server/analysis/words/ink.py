"""How high are the letters of a line, and what colour are they?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from clipzy_server.analysis.picture.kernels.reduce import recode
from clipzy_server.domain.oklab import rgb_from_planes

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

_TONES = 4
_ROUNDS = 10
_FITTED_PIXELS = 4000
# The part of the height, above and below, in which hardly any letter stands.
_BORDER = 0.1
_ROW_SHARE = 0.04
# What is lower than this share of the line is a speck.
_LEAST_HEIGHT = 0.22
_AS_COMMON, _LEAST_SHARE = 0.8, 0.03


@dataclass(frozen=True, slots=True)
class Ink:
    """Rows of the line between which its letters stand, and the colour of their inside, `#rrggbb`."""

    top: int
    bottom: int
    color: str


def measure_ink(y: Bytes, u: Bytes, v: Bytes, step: npt.NDArray[np.float64] | None) -> Ink:
    """Of the planes of one line with a little room around it: luma uint8[h, w], chroma of the same size; `step` as a
    `Frame` has it.

    The line falls into four tones. The ground are those that the border shows as much as the rest; the letters are the
    tone that shows least at the border and touches the ground least, so that an outline is not taken for them.
    """
    letters = _whole(_letters(_tones(np.stack([y, u, v], axis=-1))))
    rows = letters.mean(axis=1)
    high = np.flatnonzero(rows > _ROW_SHARE * rows.max())
    core = ndimage.binary_erosion(letters)
    chosen = core if core.sum() >= 0.1 * letters.sum() else letters
    luma, blue, red = (np.array([[np.median(plane[chosen])]], np.float32) for plane in (y, u, v))
    if step is not None:
        recode(luma, blue, red, step)
    rgb = np.rint(np.clip(rgb_from_planes(luma, blue, red)[0, 0], 0, 1) * 255).astype(int)
    return Ink(int(high[0]), int(high[-1]) + 1, "#{:02x}{:02x}{:02x}".format(*rgb))


def _tones(pixels: Bytes) -> npt.NDArray[np.int64]:
    """int[h, w]: the number of each pixel's tone, by k-means over Y, U and V (uint8[h, w, 3])."""
    flat = pixels.reshape(-1, 3).astype(np.float32)
    flat[:, 1:] *= 1.5
    some = flat[:: max(1, len(flat) // _FITTED_PIXELS)]
    order = np.argsort(some[:, 0])
    centres = some[order[(np.linspace(0.02, 0.98, _TONES) * (len(some) - 1)).astype(int)]]
    for _ in range(_ROUNDS):
        own = _nearest(some, centres)
        centres = np.stack([some[own == k].mean(axis=0) if (own == k).any() else centres[k] for k in range(_TONES)])
    return _nearest(flat, centres).reshape(pixels.shape[:2])


def _whole(mask: Mask) -> Mask:
    """Without specks and without what runs out of the line above or below; all of it, where nothing else is left."""
    parts, _ = ndimage.label(mask, np.ones((3, 3)))
    kept = np.zeros(parts.max() + 1, bool)
    for number, (rows, _) in enumerate(ndimage.find_objects(parts), start=1):
        inside = rows.start > 0 and rows.stop < len(mask)
        kept[number] = inside and rows.stop - rows.start >= _LEAST_HEIGHT * len(mask)
    return np.asarray(kept[parts]) if kept.any() else mask


def _nearest(pixels: npt.NDArray[np.float32], centres: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    squares = (centres**2).sum(axis=1) - 2 * pixels @ centres.T
    return np.asarray(squares.argmin(axis=1), np.int64)


def _letters(tones: npt.NDArray[np.int64]) -> Mask:
    border = np.ones(tones.shape, bool)
    margin = max(1, round(_BORDER * len(tones)))
    border[margin:-margin, margin:-margin] = False
    shares = np.bincount(tones.ravel(), minlength=_TONES) / tones.size
    at_border = np.bincount(tones[border], minlength=_TONES) / max(1, int(border.sum()))
    common = at_border / np.maximum(shares, 1e-9)
    ground = (common >= _AS_COMMON) | (at_border == at_border.max())
    near_ground = ndimage.binary_dilation(ground[tones])
    scores = [
        common[tone] + float(near_ground[tones == tone].mean()) if shares[tone] >= _LEAST_SHARE else np.inf
        for tone in range(_TONES)
    ]
    best = int(np.argmin(np.where(ground, np.inf, scores)))
    return np.asarray(tones == best) if not ground[best] else np.ones(tones.shape, bool)
